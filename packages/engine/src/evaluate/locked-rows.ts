import type { CellColumn, ExpansionWrite, LoadedCells } from '@vivant/storage'

const firstDelayMs = 50
const mostDelayMs = 1000
/** What is kept at most: beyond it, lists are made again. */
const keptEntries = 1000
const keptRows = 100_000

/** What stood when a list was made: while it is the same, so is the list. */
interface Basis {
  readonly version: number
  readonly token: number
  readonly cell: string
}
interface HeldRow {
  readonly delayMs: number
  readonly list: { readonly write: ExpansionWrite; readonly basis: Basis } | null
}

/**
 * Rows of which nothing could be written, as a user's transaction has them or their rows of the view locked: when each is looked at again,
 * later each time, and what was made of it, so that its iterator need not run again. One worker's memory; another one starts anew.
 */
export class LockedRows {
  readonly #rows = new Map<string, HeldRow>()
  #keptRows = 0

  /** Gives the time after which the row is looked at again. `write` is null where its list cannot be kept. */
  hold(column: CellColumn, id: number, write: ExpansionWrite | null, cells: LoadedCells, row: number): number {
    const key = keyOf(column, id)
    const before = this.#rows.get(key)
    const delayMs = before ? Math.min(before.delayMs * 2, mostDelayMs) : firstDelayMs
    this.release(column, id)
    const size = write?.piece?.rows.length ?? 0
    const list = write && this.#keptRows + size <= keptRows ? { write, basis: basisOf(column, write.token, cells, row) } : null
    if (this.#rows.size >= keptEntries) return delayMs
    this.#rows.set(key, { delayMs, list })
    if (list) this.#keptRows += size
    return delayMs
  }

  /** The list that was made of a row, if nothing has changed since: neither what it was made of, nor who is at it. */
  listOf(column: CellColumn, id: number, token: number, cells: LoadedCells, row: number): ExpansionWrite | null {
    const list = this.#rows.get(keyOf(column, id))?.list
    return list && sameBasis(list.basis, basisOf(column, token, cells, row)) ? list.write : null
  }

  release(column: CellColumn, id: number): void {
    const key = keyOf(column, id)
    this.#keptRows -= this.#rows.get(key)?.list?.write.piece?.rows.length ?? 0
    this.#rows.delete(key)
  }
}

function keyOf({ id }: CellColumn, row: number): string {
  return `${id} ${row}`
}

function basisOf({ version }: CellColumn, token: number, { status, version: versions, token: tokens, attempts }: LoadedCells, row: number): Basis {
  return { version, token, cell: `${status[row]} ${versions[row]} ${tokens[row]} ${attempts[row]}` }
}

function sameBasis(left: Basis, right: Basis): boolean {
  return left.version === right.version && left.token === right.token && left.cell === right.cell
}
