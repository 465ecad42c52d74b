import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countTokens } from './count-tokens.ts'
import { type SegmentOptions, type SegmentUnit, segments } from './segments.ts'

const texts = (text: string, options: SegmentOptions): readonly string[] => [...segments(text, options)].map((segment) => segment.text)

const alphabet = [
  'a',
  'b',
  'word',
  ' ',
  ' ',
  '\n',
  '\r\n',
  '\n\n',
  '. ',
  '! ',
  '\u00a0',
  '\u2028',
  '😀',
  '👩‍👩‍👧',
  'e\u0301',
  '界',
  '# h\n',
  '## k\n',
  '```\n',
  '<|endoftext|>',
  '\t',
]
const anyText = fc.oneof(
  { arbitrary: fc.array(fc.constantFrom(...alphabet), { maxLength: 80 }).map((parts) => parts.join('')), weight: 3 },
  { arbitrary: fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed() && !text.includes('\0')), weight: 1 },
)
const units = fc.constantFrom<SegmentUnit>('paragraph', 'sentence', 'line', 'heading', 'tokens')

describe('whatever the text and the options', () => {
  test('positions are right, nothing but white space is left out, no pair of surrogates is cut', () => {
    fc.assert(
      fc.property(anyText, units, fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 15 }), fc.boolean(), (text, by, limit, wanted, isLimited) => {
        const overlap = Math.min(wanted, Math.floor(limit / 2))
        const found = [...segments(text, isLimited || by === 'tokens' ? { by, limit, overlap } : { by })]
        let covered = 0
        for (const segment of found) {
          expect(text.slice(segment.start, segment.end)).toBe(segment.text)
          expect(segment.text.trim()).toBe(segment.text)
          expect(segment.text).not.toBe('')
          expect(segment.text.isWellFormed()).toBe(true)
          expect(text.slice(covered, Math.max(covered, segment.start)).trim()).toBe('')
          expect(segment.end).toBeGreaterThan(covered)
          covered = segment.end
        }
        expect(text.slice(covered).trim()).toBe('')
      }),
      { numRuns: 150 },
    )
  })

  test('no segment is larger than the limit but for a single code point, and none repeats more than the overlap', () => {
    fc.assert(
      fc.property(anyText, units, fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 15 }), (text, by, limit, wanted) => {
        const overlap = Math.min(wanted, Math.floor(limit / 2))
        const size = (part: string): number => (by === 'tokens' ? countTokens(part) : part.length)
        let before = 0
        for (const segment of segments(text, { by, limit, overlap })) {
          if (segment.text.length > String.fromCodePoint(segment.text.codePointAt(0)!).length) expect(size(segment.text)).toBeLessThanOrEqual(limit)
          if (segment.start < before) expect(size(text.slice(segment.start, before))).toBeLessThanOrEqual(overlap)
          before = segment.end
        }
      }),
      { numRuns: 150 },
    )
  })
})

test('each unit is a segment where there is no limit', () => {
  expect(texts('One two.  Three?\nFour', { by: 'sentence' })).toEqual(['One two.', 'Three?', 'Four'])
  expect(texts('a\r\nb\n\n c \u2028d', { by: 'line' })).toEqual(['a', 'b', 'c', 'd'])
  expect(texts('a\nb\r\n \t\r\nc\n\n\nd', { by: 'paragraph' })).toEqual(['a\nb', 'c', 'd'])
  expect(texts('', { by: 'paragraph' })).toEqual([])
  expect(texts(' \n\u00a0 ', { by: 'sentence' })).toEqual([])
})

test('neighbours are put together up to the limit, what is longer is cut at sentences, words and characters', () => {
  expect(texts('aa\n\nbb\n\ncc', { by: 'paragraph', limit: 6 })).toEqual(['aa\n\nbb', 'cc'])
  expect(texts('One two. Three four.', { by: 'paragraph', limit: 12 })).toEqual(['One two.', 'Three four.'])
  expect(texts('one two three', { by: 'sentence', limit: 8 })).toEqual(['one two', 'three'])
  expect(texts('x'.repeat(25), { by: 'paragraph', limit: 10 })).toEqual(['x'.repeat(10), 'x'.repeat(10), 'xxxxx'])
  expect(texts('😀😀😀', { by: 'paragraph', limit: 3 })).toEqual(['😀', '😀', '😀'])
})

test('a segment repeats whole words of the one before', () => {
  expect(texts('one two three four five six', { by: 'sentence', limit: 13, overlap: 5 })).toEqual(['one two three', 'three four', 'four five six'])
})

test('tokens are counted as models count them', () => {
  const text = 'The quick brown fox jumps over the lazy dog. '.repeat(40)
  const found = texts(text, { by: 'tokens', limit: 50, overlap: 10 })
  expect(found.length).toBeGreaterThan(8)
  for (const part of found) expect(countTokens(part)).toBeLessThanOrEqual(50)
  expect(countTokens('hello world')).toBe(2)
  expect(countTokens('<|endoftext|>')).toBeGreaterThan(1)
})

test('headings are kept with what stands under them', () => {
  const text = 'Before\n# Guide\nHello\n## Install ##\nnpm\n```sh\n# no heading\n```\n## Use\nrun\n# Notes\nend'
  expect([...segments(text, { by: 'heading' })].map(({ text: part, headings }) => [part.split('\n')[0], headings])).toEqual([
    ['Before', []],
    ['# Guide', ['Guide']],
    ['## Install ##', ['Guide', 'Install']],
    ['## Use', ['Guide', 'Use']],
    ['# Notes', ['Notes']],
  ])
  expect([...segments(text, { by: 'line' })].find((line) => line.text === 'run')?.headings).toEqual(['Guide', 'Use'])
})

test('a long text is divided, also when it is one word', { timeout: 60_000 }, () => {
  expect(texts('word '.repeat(10_000), { by: 'tokens', limit: 500, overlap: 50 }).length).toBeGreaterThan(20)
  expect(texts('x'.repeat(60_000), { by: 'paragraph', limit: 1000 })).toHaveLength(60)
})

test('options that cannot be are refused', () => {
  for (const options of [
    { by: 'page' as never },
    { by: 'tokens' },
    { by: 'line', limit: 0 },
    { by: 'line', overlap: 3 },
    { by: 'line', limit: 4, overlap: 3 },
  ] as SegmentOptions[])
    expect(() => texts('a', options)).toThrow('segments: ')
})
