import { median } from './reading-order.ts'
import { type Fragment, isSameLine } from './text-fragments.ts'

export interface Paragraph {
  readonly text: string
  readonly size: number
  readonly lines: number
}

interface Line {
  readonly text: string
  readonly left: number
  readonly baseline: number
  readonly size: number
}

/** The paragraphs of a region: a wider gap, another size of letters or an indented first line begins one. */
export function paragraphsOf(region: readonly Fragment[]): readonly Paragraph[] {
  const lines = linesOf(region)
  const leadings = lines.flatMap((line, index) => {
    const above = lines[index - 1]
    return above && isSameSize(above, line) ? [above.baseline - line.baseline] : []
  })
  const leading = median(leadings)
  const left = median(lines.map((line) => line.left))
  const paragraphs: Line[][] = []
  for (const [index, line] of lines.entries()) {
    const above = lines[index - 1]
    const isIndented = line.left - left > 0.8 * line.size && above !== undefined && Math.abs(above.left - left) < 0.5 * line.size
    const begins = above === undefined || !isSameSize(above, line) || above.baseline - line.baseline > Math.max(1.25 * leading, 1.05 * line.size) || isIndented
    if (begins) paragraphs.push([line])
    else paragraphs.at(-1)!.push(line)
  }
  return paragraphs.map((parts) => ({
    text: parts.map((line) => line.text).join('\n'),
    size: Math.max(...parts.map((line) => line.size)),
    lines: parts.length,
  }))
}

function isSameSize(one: Line, other: Line): boolean {
  return Math.abs(one.size - other.size) <= 0.08 * Math.max(one.size, other.size)
}

/** From top to bottom; what stands beside each other on a line with a tab between, as the cells of a table. */
function linesOf(region: readonly Fragment[]): readonly Line[] {
  const rows: Fragment[][] = []
  for (const fragment of region.toSorted((one, other) => other.baseline - one.baseline)) {
    const row = rows.at(-1)
    if (row && isSameLine(row[0]!, fragment.baseline, fragment.size)) row.push(fragment)
    else rows.push([fragment])
  }
  return rows.map((row) => {
    const isRightToLeft = row.filter((fragment) => rightToLeft.test(fragment.text)).length * 2 > row.length
    const sorted = row.toSorted((one, other) => (isRightToLeft ? other.right - one.right : one.left - other.left))
    return {
      text: sorted.map((fragment) => fragment.text.trim()).join('\t'),
      left: Math.min(...row.map((fragment) => fragment.left)),
      baseline: row[0]!.baseline,
      size: row.reduce((best, fragment) => (fragment.text.length > best.text.length ? fragment : best)).size,
    }
  })
}

const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/u
