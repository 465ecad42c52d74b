import { headingLine } from './boundaries.ts'

export interface Heading {
  readonly offset: number
  /** 1 for the outermost. */
  readonly level: number
  readonly text: string
}

/** The headings of a Markdown text, in order; a `#` in fenced code is a comment of that code. */
export function headingsIn(text: string): readonly Heading[] {
  const fences = fencedParts(text)
  return [...text.matchAll(headingLine)]
    .filter(({ index }) => !fences.some(({ from, to }) => index >= from && index < to))
    .map((match) => ({ offset: match.index, level: match[1]!.length, text: match[2]! }))
}

function fencedParts(text: string): readonly { readonly from: number; readonly to: number }[] {
  const parts: { from: number; to: number }[] = []
  let open: { readonly from: number; readonly fence: string } | null = null
  for (const { index, 1: fence = '' } of text.matchAll(/^ {0,3}(`{3,}|~{3,})/gmu)) {
    if (open === null) open = { from: index, fence }
    else if (fence.startsWith(open.fence)) {
      parts.push({ from: open.from, to: index })
      open = null
    }
  }
  return open === null ? parts : [...parts, { from: open.from, to: text.length }]
}

/** The headings that a place of the text is under, the outermost first. */
export function headingsAt(headings: readonly Heading[], offset: number): readonly string[] {
  const path: Heading[] = []
  for (const heading of headings) {
    if (heading.offset > offset) break
    while (path.length > 0 && path.at(-1)!.level >= heading.level) path.pop()
    path.push(heading)
  }
  return path.map(({ text }) => text)
}
