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
  let fence = 0
  const isFenced = (index: number): boolean => {
    while (fence < fences.length && fences[fence]!.to <= index) fence++
    return fence < fences.length && index >= fences[fence]!.from
  }
  return [...text.matchAll(headingLine)]
    .filter(({ index }) => !isFenced(index))
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

/** Tells the headings that a place of the text is under, the outermost first. Places are asked for in order, so each heading is looked at once. */
export function headingPaths(headings: readonly Heading[]): (offset: number) => readonly string[] {
  const path: Heading[] = []
  let next = 0
  let asked = 0
  return (offset) => {
    if (offset < asked) [path.length, next] = [0, 0]
    asked = offset
    for (; next < headings.length && headings[next]!.offset <= offset; next++) {
      while (path.length > 0 && path.at(-1)!.level >= headings[next]!.level) path.pop()
      path.push(headings[next]!)
    }
    return path.map(({ text }) => text)
  }
}
