import type { Heading } from '../../text/headings.ts'
import type { Range } from '../../text/divide.ts'
import { documentLimits } from '../document-limits.ts'
import { DocumentProblem } from '../document-problem.ts'
import { cleanText } from './clean-text.ts'

/** Puts a document's text together from its blocks: an empty line between them, and positions of headings and pages. */
export class TextBuilder {
  readonly #parts: string[] = []
  readonly #headings: Heading[] = []
  readonly #pages: Range[] = []
  #length = 0
  #pageStart: number | null = null
  /** Where what comes next is put: behind the empty line. */
  #hasText = false

  /** A block: a paragraph, a list, a table with a line for each row. White space around it is left out; nothing when that is all. */
  block(text: string): void {
    const trimmed = cleanText(text).trim()
    if (trimmed === '') return
    if (this.#hasText) this.#append('\n\n')
    this.#append(trimmed)
    this.#hasText = true
  }

  /** Level 1 is the outermost; more than 6 are 6. */
  heading(level: number, text: string): void {
    const line = cleanText(text).replaceAll(/\s+/gu, ' ').trim()
    if (line === '') return
    const offset = this.#length + (this.#hasText ? 2 : 0)
    this.block(line)
    this.#headings.push({ offset, level: Math.min(6, Math.max(1, level)), text: line })
  }

  /** What follows stands on a new page, also if that is nothing. */
  page(): void {
    this.#endPage()
    if (this.#hasText) this.#append('\n\n')
    this.#hasText = false
    this.#pageStart = this.#length
  }

  finish(): { readonly text: string; readonly headings: readonly Heading[]; readonly pages: readonly Range[] | null } {
    const hasPages = this.#pageStart !== null
    this.#endPage()
    return { text: this.#parts.join(''), headings: this.#headings, pages: hasPages ? this.#pages : null }
  }

  #endPage(): void {
    if (this.#pageStart !== null) this.#pages.push({ start: this.#pageStart, end: this.#length })
    this.#pageStart = null
  }

  #append(text: string): void {
    this.#length += text.length
    if (this.#length > documentLimits.maxTextLength) throw new DocumentProblem(`its text has more than ${documentLimits.maxTextLength} characters`)
    this.#parts.push(text)
  }
}
