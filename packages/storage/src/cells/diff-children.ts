import { guards } from '../guards.ts'
import type { ExpandedRow, ExpansionPiece } from './expansion-writes.ts'

/** A row of a view as it stands. */
export interface StandingChild {
  readonly id: number
  readonly position: number
  readonly content: string
}

export interface ChildChanges {
  readonly inserted: readonly { readonly position: number; readonly row: ExpandedRow }[]
  /** Another content in the same place. */
  readonly changed: readonly { readonly id: number; readonly position: number; readonly row: ExpandedRow }[]
  /** The same content in another place. */
  readonly moved: readonly { readonly id: number; readonly position: number }[]
  readonly deleted: readonly number[]
}

/** Where rows go that stand in the way of a piece while a later piece may want them: behind every position there can be. */
export const asideFrom = 1_000_000_000

/**
 * What makes the standing rows what the piece says (rule 18): what is the same in its place stays, equal content elsewhere moves,
 * a place whose row nobody wants is changed, and the rest is inserted or deleted. So nothing is made again that is there.
 * `standing` are the rows at the piece's places and those behind them with one of its contents (the last piece: all of them).
 */
export function diffChildren(piece: ExpansionPiece, standing: readonly StandingChild[]): ChildChanges {
  const end = piece.from + piece.rows.length
  const wanted = new Map(piece.rows.map((row, index) => [piece.from + index, row]))
  const free: StandingChild[] = []
  for (const child of standing.toSorted((left, right) => left.position - right.position || left.id - right.id)) {
    if (wanted.get(child.position)?.content === child.content) wanted.delete(child.position)
    else free.push(child)
  }
  const byContent = new ChildrenByContent(guards.diffByContent ? free : [])
  const moved: { id: number; position: number }[] = []
  for (const [position, row] of wanted) {
    const child = byContent.take(row.content)
    if (!child) continue
    moved.push({ id: child.id, position })
    wanted.delete(position)
  }
  const deleted: number[] = []
  const changed: { id: number; position: number; row: ExpandedRow }[] = []
  for (const child of free) {
    if (byContent.isTaken(child)) continue
    const row = wanted.get(child.position)
    if (!piece.last) {
      if (child.position < end) moved.push({ id: child.id, position: asideFrom + child.position })
    } else if (row) {
      changed.push({ id: child.id, position: child.position, row })
      wanted.delete(child.position)
    } else deleted.push(child.id)
  }
  return { inserted: [...wanted].map(([position, row]) => ({ position, row })), changed, moved, deleted }
}

/** Rows by content, of which each is taken once. Thousands may be equal: empty lines. */
class ChildrenByContent {
  readonly #lists = new Map<string, { readonly children: StandingChild[]; taken: number }>()
  readonly #taken = new Set<number>()

  constructor(children: readonly StandingChild[]) {
    for (const child of children) {
      const list = this.#lists.get(child.content)
      if (list) list.children.push(child)
      else this.#lists.set(child.content, { children: [child], taken: 0 })
    }
  }

  take(content: string): StandingChild | undefined {
    const list = this.#lists.get(content)
    const child = list?.children[list.taken]
    if (!list || !child) return undefined
    list.taken++
    this.#taken.add(child.id)
    return child
  }

  isTaken(child: StandingChild): boolean {
    return this.#taken.has(child.id)
  }
}
