import type { Fragment } from './text-fragments.ts'

/** Beyond this a page's text is left in the order in which it is drawn. */
const maxFragments = 20_000

/**
 * The regions of a page in the order in which they are read: cut between columns where there are any, else at the widest
 * gap between lines, and so on with each half: the recursive XY-cut of Nagy and Seth (1984). A cut between columns needs
 * both sides to look like running text, so that a table stays together and is read row by row.
 */
export function readingOrder(fragments: readonly Fragment[]): readonly (readonly Fragment[])[] {
  if (fragments.length > maxFragments) return [fragments]
  return cut(fragments, 0)
}

function cut(fragments: readonly Fragment[], depth: number): readonly (readonly Fragment[])[] {
  if (fragments.length < 2 * minColumnLines || depth > 60 || !hasGutter(fragments)) return fragments.length ? [fragments] : []
  const columns = cutColumns(fragments)
  if (columns) return columns.flatMap((column) => cut(column, depth + 1))
  const rows = cutRows(fragments)
  if (!rows) return [fragments]
  const parts = rows.map((row) => cut(row, depth + 1))
  // Where no part was cut into columns, the region is one: gaps between lines mean paragraphs then.
  return parts.every((part) => part.length <= 1) ? [fragments] : parts.flat()
}

const minColumnLines = 3

/** Two fragments beside each other: without any there are no columns to look for. */
function hasGutter(fragments: readonly Fragment[]): boolean {
  const sorted = fragments.toSorted((one, other) => other.baseline - one.baseline)
  return sorted.some((fragment, index) => {
    const next = sorted[index + 1]
    return next !== undefined && Math.abs(next.baseline - fragment.baseline) < fragment.size && (next.left >= fragment.right || fragment.left >= next.right)
  })
}

/** Left and right of the widest strip that no fragment reaches into, if both look like columns of running text. */
function cutColumns(fragments: readonly Fragment[]): readonly [readonly Fragment[], readonly Fragment[]] | null {
  const sorted = fragments.toSorted((one, other) => one.left - other.left)
  const cuts: { readonly at: number; readonly width: number }[] = []
  let reach = sorted[0]!.right
  for (const { left, right } of sorted) {
    if (left > reach) cuts.push({ at: (left + reach) / 2, width: left - reach })
    reach = Math.max(reach, right)
  }
  for (const { at } of cuts.toSorted((one, other) => other.width - one.width).slice(0, 8)) {
    const left = fragments.filter((fragment) => fragment.left < at)
    const right = fragments.filter((fragment) => fragment.left >= at)
    if (isRunningText(left) && isRunningText(right)) return [left, right]
  }
  return null
}

/** Enough lines, most of which fill the column: cells of a table are short. */
function isRunningText(column: readonly Fragment[]): boolean {
  if (column.length < minColumnLines) return false
  const left = Math.min(...column.map((fragment) => fragment.left))
  const right = Math.max(...column.map((fragment) => fragment.right))
  const baselines = new Set(column.map((fragment) => Math.round(fragment.baseline)))
  const size = median(column.map((fragment) => fragment.size))
  const width = median(column.map((fragment) => fragment.right - fragment.left))
  return baselines.size >= minColumnLines && width >= 0.6 * (right - left) && width >= 10 * size
}

/** Above and below the widest gap. */
function cutRows(fragments: readonly Fragment[]): readonly [readonly Fragment[], readonly Fragment[]] | null {
  const sorted = fragments.toSorted((one, other) => other.baseline - one.baseline)
  let [at, widest] = [0, 0]
  let bottom = Infinity
  for (const [index, { baseline, size }] of sorted.entries()) {
    const gap = bottom - (baseline + size)
    if (index > 0 && gap > widest) [at, widest] = [index, gap]
    bottom = Math.min(bottom, baseline)
  }
  return at === 0 ? null : [sorted.slice(0, at), sorted.slice(at)]
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
