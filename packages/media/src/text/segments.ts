import { type ArrayType, type Column, iterator, type IteratorFunction, type JsonType, type NumberType, t, type TextType } from '@vivant/core'
import { headingsIn } from './headings.ts'
import { type Segment, segmentsOf, sectionsAt } from './segments-of.ts'
import { parseSegmentOptions, type SegmentOptions } from './segment-options.ts'

export type { SegmentOptions, SegmentUnit } from './segment-options.ts'
export type { Segment } from './segments-of.ts'

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
    const division = parseSegmentOptions(options)
    const headings = headingsIn(text)
    yield* segmentsOf(text, division, { headings, sections: division.by === 'heading' ? sectionsAt(text, headings) : [{ start: 0, end: text.length }] })
  },
)
