import { VivantError } from '@vivant/core'

/** `heading`: a Markdown heading with what follows it; `tokens`: as many whole sentences, or words, as the limit allows. */
export type SegmentUnit = 'paragraph' | 'sentence' | 'line' | 'heading' | 'tokens'

export interface SegmentOptions {
  readonly by: SegmentUnit
  /**
   * The greatest size of a segment: in tokens (of GPT-4o and later, o200k_base) with `by: 'tokens'`, which needs one, else in UTF-16 code units, as
   * `length` counts. Short neighbours are put together up to it, a longer one is cut at sentences, words or characters.
   */
  readonly limit?: number
  /** How much of its predecessor a segment repeats at most, in the unit of the limit: from the beginning of a word on. At most half the limit. */
  readonly overlap?: number
}

const segmentUnits: readonly SegmentUnit[] = ['paragraph', 'sentence', 'line', 'heading', 'tokens']

/** How a text is divided, checked. */
export interface Division<U extends string> {
  readonly by: U
  readonly limit: number | null
  readonly overlap: number
}

/** The options, checked. Throws CONFIGURATION_INVALID. */
export function parseSegmentOptions(options: SegmentOptions): Division<SegmentUnit> {
  return parseDivision('segments', segmentUnits, options)
}

/** The same for whatever is divided as texts are, `label` in the error. */
export function parseDivision<U extends string>(
  label: string,
  units: readonly U[],
  { by, limit, overlap = 0 }: { readonly by: U; readonly limit?: number; readonly overlap?: number },
): Division<U> {
  const invalid = (reason: string): VivantError => new VivantError('CONFIGURATION_INVALID', `${label}: ${reason}`)
  if (!units.includes(by)) throw invalid(`by is one of ${units.join(', ')}, not ${by}`)
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit > 0)) throw invalid(`limit is a whole number from 1, not ${String(limit)}`)
  if (by === 'tokens' && limit === undefined) throw invalid("by: 'tokens' needs a limit")
  if (!(Number.isSafeInteger(overlap) && overlap >= 0)) throw invalid(`overlap is a whole number, not ${String(overlap)}`)
  if (overlap > 0 && (limit === undefined || overlap > limit / 2)) throw invalid('overlap needs a limit, and is at most half of it')
  return { by, limit: limit ?? null, overlap }
}
