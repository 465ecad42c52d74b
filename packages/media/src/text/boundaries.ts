/** Ways to divide a text, from large to small: what is too long in one is divided in the next. */
export type Level = 'text' | 'paragraph' | 'line' | 'sentence' | 'word' | 'character' | 'codePoint'

/** Offsets, in code units, at which parts of a text end; the last is the end. The parts are the whole text. */
export const boundaries: Readonly<Record<Level, (text: string) => Iterable<number>>> = {
  text: (text) => [text.length],
  paragraph: (text) => afterMatches(text, /(?:\r\n|[\n\r\u2028\u2029])(?:[^\S\n\r\u2028\u2029]*(?:\r\n|[\n\r\u2028\u2029]))+/gu),
  line: (text) => afterMatches(text, /\r\n|[\n\r\u2028\u2029]/gu),
  sentence: (text) => segmented(sentences, text),
  word: (text) => segmented(words, text),
  character: (text) => segmented(characters, text),
  codePoint,
}

/** A heading of Markdown: up to three spaces, one to six `#`, a space. Those in fenced code are none: see `headingsIn`. */
export const headingLine: RegExp = /^ {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$/gmu

const sentences = new Intl.Segmenter('en', { granularity: 'sentence' })
const words = new Intl.Segmenter('en', { granularity: 'word' })
const characters = new Intl.Segmenter('en', { granularity: 'grapheme' })

function* segmented(segmenter: Intl.Segmenter, text: string): Generator<number> {
  for (const { index, segment } of segmenter.segment(text)) yield index + segment.length
}

function* codePoint(text: string): Generator<number> {
  let end = 0
  for (const point of text) yield (end += point.length)
}

function* afterMatches(text: string, pattern: RegExp): Generator<number> {
  for (const match of text.matchAll(pattern)) yield match.index + match[0].length
  yield text.length
}
