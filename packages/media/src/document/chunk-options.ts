import { type Division, parseDivision, type SegmentUnit } from '../text/segment-options.ts'

/** `page`: a page, slide, sheet or chapter. */
export type ChunkUnit = 'page' | SegmentUnit

export interface ChunkOptions {
  readonly by: ChunkUnit
  /**
   * The greatest size of a chunk: in tokens (of GPT-4o and later, o200k_base) with `by: 'tokens'`, which needs one, else in UTF-16 code units.
   * Short neighbours are put together up to it, a longer one is cut at sentences, words or characters.
   */
  readonly limit?: number
  /** How much of its predecessor a chunk repeats at most, in the unit of the limit: from the beginning of a word on. At most half the limit. */
  readonly overlap?: number
}

export type ChunkDivision = Division<ChunkUnit>

/** The options, checked. Throws CONFIGURATION_INVALID. */
export function parseChunkOptions(options: ChunkOptions): ChunkDivision {
  return parseDivision<ChunkUnit>('chunks', ['page', 'paragraph', 'sentence', 'line', 'heading', 'tokens'], options)
}
