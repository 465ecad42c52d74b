import type { TableDefinition } from '@vivant/core'
import { declareColumns } from '../declare/declare-columns.ts'
import type { DeclaredColumn } from '../declare/declared-column.ts'
import type { Runtime } from '../runtime/runtime.ts'

/** What one call in a chain does to the database: declares a column, or something of its own. */
export type TableChange = { readonly declares: DeclaredColumn } | { readonly run: () => Promise<void> }

/**
 * One call of a chain such as `db.createTable(…).addComputedColumn(…).addComputedColumn(…)`, begun at once. Columns that are declared one
 * after the other in a chain are one operation: the first takes those that follow along.
 */
export class TableChain {
  readonly runtime: Runtime
  /** The table as it will be, known without asking the database. */
  readonly table: TableDefinition
  readonly done: Promise<void>
  readonly #change: TableChange
  readonly #next: TableChain[] = []
  #isTaken = false

  constructor(runtime: Runtime, table: TableDefinition, change: TableChange, before: TableChain | null) {
    this.runtime = runtime
    this.table = table
    this.#change = change
    if (before) before.#next.push(this)
    // handles what failed before it, so that only the last promise of a chain rejects
    this.done = (before?.done ?? Promise.resolve()).then(() => this.#run(before?.table ?? table))
  }

  async #run(before: TableDefinition): Promise<void> {
    if (this.#isTaken) return
    if ('run' in this.#change) return this.#change.run()
    return declareColumns(this.runtime, before, [this.#change.declares, ...this.#takeFollowers()])
  }

  /** The declarations that come next, as long as the chain does not fork. */
  #takeFollowers(): readonly DeclaredColumn[] {
    const [follower, ...others] = this.#next
    if (!follower || others.length > 0 || !('declares' in follower.#change)) return []
    follower.#isTaken = true
    return [follower.#change.declares, ...follower.#takeFollowers()]
  }
}
