import { countTokens } from './count-tokens.ts'
import { divide, type Range } from './divide.ts'
import { type Heading, headingPaths } from './headings.ts'
import type { Division, SegmentUnit } from './segment-options.ts'

/** A part of a text: `text` is `whole.slice(start, end)`. */
export interface Segment {
  readonly text: string
  readonly start: number
  readonly end: number
  readonly headings: readonly string[]
}

/** What is known of a text beside its characters. */
export interface TextStructure {
  readonly headings: readonly Heading[]
  /** The parts that no segment reaches beyond, in order. */
  readonly sections: readonly Range[]
}

/** The segments of a text whose structure is known. */
export function* segmentsOf(text: string, { by, limit, overlap }: Division<SegmentUnit>, { headings, sections }: TextStructure): Generator<Segment> {
  const size = by === 'tokens' ? tokensIn(text, limit ?? Infinity) : ({ start, end }: Range) => end - start
  const pathAt = headingPaths(headings)
  for (const section of sections)
    for (const { start, end } of divide(text, section, { by, limit, overlap, size }))
      yield { text: text.slice(start, end), start, end, headings: pathAt(start) }
}

/** A text's parts between its headings, each with its heading. */
export function sectionsAt(text: string, headings: readonly Heading[]): readonly Range[] {
  const starts = [0, ...headings.map(({ offset }) => offset)]
  return starts.map((start, index) => ({ start, end: starts[index + 1] ?? text.length }))
}

/** What is surely more than the limit is not counted: no token of the vocabulary is longer than 128 characters. */
function tokensIn(text: string, limit: number): (range: Range) => number {
  return ({ start, end }) => (end - start > limit * 256 ? Infinity : countTokens(text.slice(start, end)))
}
