import type { PdfPage } from './open-pdf.ts'

/** A run of characters on one line of a page; y grows upwards, in points. */
export interface Fragment {
  text: string
  readonly left: number
  right: number
  readonly baseline: number
  /** The font's, in points. */
  readonly size: number
}

interface TextItem {
  readonly str: string
  readonly dir: string
  readonly width: number
  readonly transform: readonly number[]
}

/**
 * The text of a page in the order in which it is drawn; what is drawn one after the other on one line is one fragment,
 * up to a gap as wide as between columns. Text that does not run from left to right comes apart, as it is drawn.
 */
export async function readFragments(page: PdfPage): Promise<{ readonly upright: readonly Fragment[]; readonly turned: readonly string[] }> {
  const { items } = await page.getTextContent()
  const upright: Fragment[] = []
  const turned: string[] = []
  let last: Fragment | undefined
  let space = false
  for (const item of items as readonly TextItem[]) {
    if (typeof item.str !== 'string' || item.str === '') continue
    const [a = 0, b = 0, c = 0, d = 0, left = 0, baseline = 0] = item.transform
    if (Math.abs(b) > Math.abs(a)) {
      if (item.str.trim() !== '') turned.push(item.str)
      continue
    }
    const text = item.str
    if (text.trim() === '') {
      // a blank belongs to what is drawn next on the same line
      space = true
      continue
    }
    const size = Math.hypot(c, d) || 1
    const right = left + item.width
    if (last && isSameLine(last, baseline, size)) {
      const gap = item.dir === 'rtl' ? last.left - right : left - last.right
      if (gap > -size && gap < columnGap * size) {
        const joined = { left: Math.min(last.left, left), right: Math.max(last.right, right), baseline: last.baseline, size: Math.max(last.size, size) }
        const between = (space || gap > wordGap * size) && !/\s$/u.test(last.text) && !/^\s/u.test(text) ? ' ' : ''
        last = { ...joined, text: last.text + between + text }
        upright[upright.length - 1] = last
        space = false
        continue
      }
    }
    last = { text, left, right, baseline, size }
    upright.push(last)
    space = false
  }
  return { upright, turned }
}

/** Between words, in parts of the font's size; a blank is 0.25 or more. */
const wordGap = 0.15
/** From here on it is another column or cell. */
const columnGap = 1.2

/** Raised and lowered characters stay on their line. */
export function isSameLine(fragment: Fragment, baseline: number, size: number): boolean {
  return Math.abs(fragment.baseline - baseline) < 0.45 * Math.max(fragment.size, size)
}
