import { walkNodes } from '@vivant/core'
import { activeCells, planLoad, readTable, readTables, type CellColumn, type Database, type LoadPlan, type TableModel } from '@vivant/storage'
import { codeOf, type FunctionSource } from '../engine-context.ts'

/** The tables as this worker knows them. It may be behind: the commit's check of the schema version tells (rule 5). */
export class CatalogCache {
  readonly #database: Database
  readonly #functions: FunctionSource
  readonly #models = new Map<number, TableModel>()
  readonly #plans = new WeakMap<TableModel, Map<string, LoadPlan>>()
  #runnable: readonly number[] = []

  constructor(database: Database, functions: FunctionSource) {
    this.#database = database
    this.#functions = functions
  }

  /** Ids of the active columns whose code is here. */
  get runnable(): readonly number[] {
    return this.#runnable
  }

  get models(): Iterable<TableModel> {
    return this.#models.values()
  }

  /** Reads what changed since the last time; true if anything did. */
  async refresh(): Promise<boolean> {
    const { rows } = await this.#database.queryArrays({ name: 'vivant_versions', text: 'select id, schema_version from vivant."table"' })
    const known = rows.every(([id, version]) => this.#models.get(Number(id))?.schemaVersion === Number(version)) && rows.length === this.#models.size
    if (known) return false
    this.#models.clear()
    for (const model of await readTables(this.#database)) this.#models.set(model.id, model)
    this.#updateRunnable()
    return true
  }

  /** The table at a schema version (0: whatever there is); null when it is gone. */
  async table(id: number, schemaVersion = 0): Promise<TableModel | null> {
    const known = this.#models.get(id)
    if (known && (schemaVersion === 0 || known.schemaVersion === schemaVersion)) return known
    const model = await readTable(this.#database, id)
    if (model) this.#models.set(id, model)
    else this.#models.delete(id)
    this.#updateRunnable()
    return model
  }

  /** The view whose rows an expansion makes. */
  viewOf(column: CellColumn): TableModel | undefined {
    return [...this.#models.values()].find((model) => model.view?.expansionId === column.id)
  }

  /** What a pool's work on a table loads. It names parts of this very model, and a table that is read again is another one, also at an equal version. */
  plan(model: TableModel, pool: string): LoadPlan {
    const plans = this.#plans.get(model) ?? new Map<string, LoadPlan>()
    this.#plans.set(model, plans)
    const plan = plans.get(pool) ?? planLoad(model, pool)
    plans.set(pool, plan)
    return plan
  }

  forget(id: number): void {
    this.#models.delete(id)
  }

  updateRunnable(): void {
    this.#updateRunnable()
  }

  #updateRunnable(): void {
    this.#runnable = [...this.#models.values()].flatMap((model) =>
      activeCells(model)
        .filter((column) => canRun(this.#functions, column))
        .map((column) => column.id),
    )
  }
}

/** Whether the code of every call of a column is at hand. */
export function canRun(functions: FunctionSource, column: CellColumn): boolean {
  return missingFunctions(functions, column).length === 0
}

export function missingFunctions(functions: FunctionSource, column: CellColumn): readonly { readonly name: string; readonly hash: string }[] {
  const nodes = [column.expression, ...(column.condition ? [column.condition] : [])].flatMap((node) => [...walkNodes(node)])
  return nodes.flatMap((node) => (node.node === 'call' && !codeOf(functions, node) ? [node.function] : []))
}
