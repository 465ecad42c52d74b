import { assembled, attempts, badPiece, failingAttempts, listOf, named, piecesOf, scoreOf, shouted, type Variants } from './program.ts'

/** A row of the table, as its user sees it. */
export interface Doc {
  readonly id: number
  readonly title: string
  readonly body: string | null
  readonly n: number
  readonly hidden: boolean
}

/** What every view shows, a line for each row: its place, its content, its cells and their states. */
export type ViewRows = Readonly<Record<ViewName, readonly string[]>>
export const viewNames = ['docs', 'parts', 'letters', 'long', 'high', 'lists'] as const
export type ViewName = (typeof viewNames)[number]

/** The views' rows straight from the definitions: no tokens, no order of work, nothing that is remembered. */
export function referenceRows(docs: readonly Doc[], variants: Variants): ViewRows {
  const rows: Record<ViewName, string[]> = { docs: [], parts: [], letters: [], long: [], high: [], lists: [] }
  const add = (name: ViewName, ...values: readonly (string | number | null)[]): void => void rows[name].push(JSON.stringify(values))
  for (const doc of docs) {
    const { id, title, n } = doc
    const loud = shouted(title, variants.loud)
    const score = failingAttempts(n) < attempts ? scoreOf(n) : null
    const parts = partsOf(doc, variants)
    const total = parts.length ? parts.join('').length : null
    const names = assembled(
      title,
      parts.map((text) => named(title, text, variants.named)),
    )
    // what reads all rows of a list that cannot be made is blocked
    const rolledUp = isFailed(doc, variants) ? [null, null, null] : [parts.length, total, names]
    add('docs', id, loud, score, score === null ? 'failed' : 'ok', ...rolledUp)
    if (score !== null && score > 4) add('high', id, 0, `${loud}/${title}`)
    for (const [pos, k] of listOf(n).entries()) add('lists', id, pos, k)
    for (const [pos, text] of parts.entries()) {
      const name = named(title, text, variants.named)
      add('parts', id, pos, text, text.length, name, `${loud}/${text}`, score === null ? null : score + text.length, score === null ? 'blocked' : 'ok')
      if (text.length > 2) add('long', id, pos, 0, `${title}/${text}`)
      for (const [at, letter] of text.split('').entries()) add('letters', id, pos, at, letter, `${loud}/${letter}`, `${name}/${letter}`)
    }
  }
  for (const name of viewNames) rows[name].sort()
  return rows
}

/** The texts that a document's rows have at rest. */
function partsOf(doc: Doc, variants: Variants): readonly string[] {
  return doc.hidden || doc.body === null || isFailed(doc, variants) ? [] : piecesOf(doc.body, variants.pieces)
}

function isFailed({ body, hidden }: Doc, { pieces }: Variants): boolean {
  return !hidden && body !== null && piecesOf(body, pieces).includes(badPiece)
}
