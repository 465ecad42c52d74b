import { boundaries, type Level } from './boundaries.ts'
import type { SegmentUnit } from './segment-options.ts'

/** Offsets in code units; `end` is not in it. */
export interface Range {
  readonly start: number
  readonly end: number
}

export interface DivideOptions {
  readonly by: SegmentUnit
  readonly limit: number | null
  readonly overlap: number
  readonly size: (range: Range) => number
}

const levels: Readonly<Record<SegmentUnit, readonly Level[]>> = {
  heading: ['text', 'paragraph', 'sentence', 'word', 'character', 'codePoint'],
  paragraph: ['paragraph', 'sentence', 'word', 'character', 'codePoint'],
  line: ['line', 'sentence', 'word', 'character', 'codePoint'],
  sentence: ['sentence', 'word', 'character', 'codePoint'],
  tokens: ['paragraph', 'sentence', 'word', 'character', 'codePoint'],
}

/** Divides a part of a text into segments without white space around them. */
export function* divide(text: string, whole: Range, options: DivideOptions): Generator<Range> {
  const { by, limit, overlap } = options
  const levelsOf = levels[by]
  if (limit === null) {
    for (const part of partsOf(text, whole, levelsOf[0]!)) yield* trimmed(text, part)
    return
  }
  // a piece fits beside what is repeated of the segment before
  const pieces = [...piecesOf(text, whole, levelsOf, (part) => options.size(trimmed(text, part)[0] ?? { start: 0, end: 0 }) <= limit - overlap)]
  for (let first = 0, start = whole.start; first < pieces.length;) {
    const after = lastThatFits(text, pieces, first, start, options, limit)
    const [segment] = trimmed(text, { start, end: pieces[after - 1]!.end })
    if (segment) yield segment
    first = after
    start = pieces[after]?.start ?? whole.end
    if (overlap > 0 && segment && after < pieces.length) start = overlapStart(text, segment, start, pieces[after]!, options, limit)
  }
}

function* partsOf(text: string, { start, end }: Range, level: Level): Generator<Range> {
  let from = start
  for (const offset of boundaries[level](text.slice(start, end))) {
    if (start + offset > from) yield { start: from, end: start + offset }
    from = start + offset
  }
}

/** What is too large is divided at the next level; a code point is not divided, whatever its size. */
function* piecesOf(text: string, whole: Range, [level, ...finer]: readonly Level[], fits: (part: Range) => boolean): Generator<Range> {
  for (const part of partsOf(text, whole, level!)) {
    if (finer.length === 0 || fits(part)) yield part
    else yield* piecesOf(text, part, finer, fits)
  }
}

/** How far a segment from `start` on reaches: the index after its last piece, by doubling steps and halving. At least one piece is in it. */
function lastThatFits(text: string, pieces: readonly Range[], first: number, start: number, { size }: DivideOptions, limit: number): number {
  const fits = (after: number): boolean => {
    const [part] = trimmed(text, { start, end: pieces[after - 1]!.end })
    return part === undefined || size(part) <= limit
  }
  let good = first + 1
  let bad = good + 1
  for (let step = 1; bad <= pieces.length && fits(bad); step *= 2) {
    good = bad
    bad = Math.min(pieces.length + 1, good + step)
  }
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2)
    if (fits(middle)) good = middle
    else bad = middle
  }
  return good
}

/** The first word of the segment before from which on it is repeated: within the overlap, and so that the next piece still fits. */
function overlapStart(text: string, before: Range, next: number, piece: Range, { size, overlap }: DivideOptions, limit: number): number {
  const words = [...partsOf(text, { start: before.start, end: before.end }, 'word')].map((word) => word.start)
  const fits = (start: number): boolean => {
    const [part] = trimmed(text, { start, end: piece.end })
    return size({ start, end: before.end }) <= overlap && part !== undefined && size(part) <= limit
  }
  let start = next
  for (let index = words.length - 1; index > 0; index--) {
    const word = words[index]!
    if (!fits(word)) break
    if (/\S/u.test(text[word]!)) start = word
  }
  return start
}

/** Without the white space around it; nothing when that is all. */
function trimmed(text: string, { start, end }: Range): [Range] | [] {
  const part = text.slice(start, end)
  const from = start + (part.length - part.trimStart().length)
  const to = start + part.trimEnd().length
  return to > from ? [{ start: from, end: to }] : []
}
