import { type ArrayType, type Column, iterator, type IteratorFunction, type JsonType, type NumberType, t, type TextType } from '@vivant/core'
import { countTokens } from './count-tokens.ts'
import { headingsAt, headingsIn } from './headings.ts'
import { divide, type Range } from './divide.ts'
import { parseSegmentOptions, type SegmentOptions } from './segment-options.ts'

export type { SegmentOptions, SegmentUnit } from './segment-options.ts'

/** A part of a text: `text` is `whole.slice(start, end)`. */
export interface Segment {
  readonly text: string
  readonly start: number
  readonly end: number
  readonly headings: readonly string[]
}

export type SegmentsIterator = IteratorFunction<
  readonly [Column<TextType>, Column<JsonType<SegmentOptions>>],
  { readonly text: Column<TextType>; readonly start: Column<NumberType>; readonly end: Column<NumberType>; readonly headings: Column<ArrayType<TextType>> },
  Generator<Segment, void, undefined>
>

/**
 * The parts of a text: paragraphs, sentences, lines, sections, or as much as fits into a number of tokens.
 *
 * ```ts
 * const chunks = await db.createView('chunks', { of: docs, iterate: (doc) => segments(doc.body, { by: 'tokens', limit: 400, overlap: 50 }) })
 * [...segments('One. Two.', { by: 'sentence' })] // [{ text: 'One.', start: 0, end: 4, headings: [] }, …]
 * ```
 *
 * `start` and `end` count UTF-16 code units, as JavaScript does: `body.slice(start, end)` is `text`. White space around a part is left out, nothing
 * else is. `headings` are those of Markdown that the part's beginning stands under, the outermost first. No character is ever divided.
 */
export const segments: SegmentsIterator = iterator(
  {
    name: 'text.segments',
    version: '1',
    input: [t.text(), t.json<SegmentOptions>()],
    output: { text: t.text(), start: t.int(), end: t.int(), headings: t.array(t.text()) },
  },
  function* (text, options) {
    const { by, limit, overlap } = parseSegmentOptions(options)
    const headings = headingsIn(text)
    const size = by === 'tokens' ? tokensIn(text, limit ?? Infinity) : ({ start, end }: Range) => end - start
    const sections = by === 'heading' ? sectionsOf(text.length, headings) : [{ start: 0, end: text.length }]
    for (const section of sections)
      for (const { start, end } of divide(text, section, { by, limit, overlap, size }))
        yield { text: text.slice(start, end), start, end, headings: headingsAt(headings, start) }
  },
)

/** What is surely more than the limit is not counted: no token of the vocabulary is longer than 128 characters. */
function tokensIn(text: string, limit: number): (range: Range) => number {
  return ({ start, end }) => (end - start > limit * 256 ? Infinity : countTokens(text.slice(start, end)))
}

function sectionsOf(length: number, headings: readonly { readonly offset: number }[]): readonly Range[] {
  const starts = [0, ...headings.map(({ offset }) => offset)]
  return starts.map((start, index) => ({ start, end: starts[index + 1] ?? length }))
}
