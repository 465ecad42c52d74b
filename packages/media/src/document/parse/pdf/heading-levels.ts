import type { Paragraph } from './paragraphs.ts'

/** Larger than the text by this much, and not longer than this. */
const larger = 1.12
const maxLength = 200
const maxLines = 3

/**
 * Tells the level of a heading by the size of its letters beside those that most of the text has; null for what is none.
 * The largest size is level 1. (Most PDF files say nothing of headings.)
 */
export function headingLevels(paragraphs: readonly Paragraph[]): (paragraph: Paragraph) => number | null {
  const characters = new Map<number, number>()
  for (const { size, text } of paragraphs) characters.set(rounded(size), (characters.get(rounded(size)) ?? 0) + text.length)
  const body = [...characters].reduce((best, next) => (next[1] > best[1] ? next : best), [0, 0])[0]
  const isHeading = ({ size, text, lines }: Paragraph): boolean =>
    body > 0 && rounded(size) >= larger * body && text.length <= maxLength && lines <= maxLines && /\p{L}/u.test(text)
  const sizes = [...new Set(paragraphs.filter(isHeading).map(({ size }) => rounded(size)))].toSorted((one, other) => other - one)
  return (paragraph) => (isHeading(paragraph) ? Math.min(6, sizes.indexOf(rounded(paragraph.size)) + 1) : null)
}

function rounded(size: number): number {
  return Math.round(size * 2) / 2
}
