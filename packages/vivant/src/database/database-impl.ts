import {
  type Columns,
  isDefinition,
  type Schema,
  table as defineTable,
  type TableDefinition,
  tableDefinition,
  tableName,
  type TableOptions,
  validateName,
  view as defineView,
  VivantError,
} from '@vivant/core'
import {
  dropTable,
  type MediaStatistics,
  readMediaStatistics,
  readTables,
  renameTable,
  type SqlClient,
  type SqlTransaction,
  type TableModel,
  type TransactionOptions,
} from '@vivant/storage'
import { adopt, planAdoption, release } from '../adopt/adopt.ts'
import type { AdoptionPlan, AdoptOptions } from '../adopt/adopt-options.ts'
import { applyDefinitions } from '../declare/apply-definitions.ts'
import { createDeclaredTable, type CreateTableOptions } from '../declare/create-table.ts'
import { declarationTimeoutMs, followUsers, settledModel } from '../declare/settled-model.ts'
import { readTableDefinition } from '../declare/definition-of-model.ts'
import { planDefinitions } from '../declare/plan-definitions.ts'
import { collectGarbage, type GarbageOptions, type GarbageReport } from '../media/collect-garbage.ts'
import { doctor, type DoctorOptions, type DoctorReport } from '../observe/doctor.ts'
import type { RunResult } from '../observe/run-result.ts'
import { settled, type SettledOptions } from '../observe/settled.ts'
import { type DatabaseStatus, status, type StatusOptions } from '../observe/status.ts'
import type { OpenRuntime } from '../runtime/open-runtime.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { PendingTable } from '../table/pending-table.ts'
import { startChain } from '../table/pending-table-impl.ts'
import type { Table, TableRows } from '../table/table.ts'
import { createTableHandle } from '../table/table-impl.ts'
import { createTableRows } from '../table/table-rows-impl.ts'
import { runTransaction } from '../write/run-transaction.ts'
import { tableModel } from '../write/table-model.ts'
import type { Definitions } from './database.ts'
import type { ApplyOptions, DefinitionPlan } from './definition-plan.ts'
import type { AnyTableSchema, TableOrName } from './table-of.ts'
import type { Transaction } from './transaction.ts'

/** Behind `Database`: the types are in the interface, this one forwards to what does the work. */
export class DatabaseImpl implements AsyncDisposable {
  readonly #open: OpenRuntime
  readonly #runtime: Runtime
  #closing: Promise<void> | undefined

  constructor(open: OpenRuntime) {
    this.#open = open
    this.#runtime = open.runtime
  }

  get kysely(): Runtime['database']['kysely'] {
    return this.#runtime.database.kysely
  }

  createTable(name: string, columns: Columns, constraints?: TableOptions<Columns>, options?: CreateTableOptions): PendingTable<Schema> {
    const definition = tableDefinition(defineTable(name, columns, constraints))
    const run = (): Promise<void> => createDeclaredTable(this.#runtime, definition, options)
    return startChain(this.#runtime, definition, { run }, createTableHandle)
  }

  createView(name: string, options: Parameters<typeof defineView>[1], tableOptions?: CreateTableOptions): PendingTable<Schema> {
    const definition = tableDefinition(defineView(name, options))
    const run = (): Promise<void> => createDeclaredTable(this.#runtime, definition, tableOptions)
    return startChain(this.#runtime, definition, { run }, createTableHandle)
  }

  table(which: unknown): Table<Schema> | Promise<Table<Schema>> {
    if (isDefinition(which)) return createTableHandle(this.#runtime, tableDefinition(which))
    return this.#tableOf(tableName(which))
  }

  async tables(): Promise<readonly Table<AnyTableSchema>[]> {
    const models = await readTables(this.#runtime.database, this.#runtime.schemaName)
    return Promise.all(models.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((model) => this.#handleOf<AnyTableSchema>(model)))
  }

  async dropTable(which: TableOrName, { ifExists = false }: { readonly ifExists?: boolean } = {}): Promise<void> {
    const model = await settledModel(this.#runtime, tableName(which)).catch((error: unknown) => {
      if (ifExists && error instanceof VivantError && error.code === 'TABLE_NOT_FOUND') return null
      throw error
    })
    if (model) await this.#change(() => dropTable(this.#runtime.database, model.id, declarationTimeoutMs))
  }

  async renameTable(which: TableOrName, newName: string): Promise<void> {
    validateName(newName, 'table')
    const model = await settledModel(this.#runtime, tableName(which))
    await this.#change(() => renameTable(this.#runtime.database, model.id, newName, declarationTimeoutMs))
  }

  async adopt(which: TableOrName, options?: AdoptOptions): Promise<Table<Schema>> {
    const definition = isDefinition(which) ? tableDefinition(which) : null
    const model = await adopt(this.#runtime, which, definition, options)
    return definition ? createTableHandle(this.#runtime, definition) : this.#handleOf(model)
  }

  planAdoption(which: TableOrName, options?: AdoptOptions): Promise<AdoptionPlan> {
    return planAdoption(this.#runtime, which, options)
  }

  async release(which: TableOrName): Promise<void> {
    await this.#change(() => release(this.#runtime, which))
  }

  plan(definitions: Definitions): Promise<DefinitionPlan> {
    return planDefinitions(this.#runtime, definitions)
  }

  apply(definitions: Definitions, options?: ApplyOptions): Promise<DefinitionPlan> {
    return applyDefinitions(this.#runtime, definitions, options)
  }

  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T> {
    return runTransaction(
      this.#runtime,
      ({ client, kysely }) => {
        const table = (which: unknown): unknown =>
          isDefinition(which) ? createTableRows(this.#runtime, tableDefinition(which), client) : this.#rowsOf(tableName(which), client)
        return work({ kysely, table } as Transaction)
      },
      options,
    )
  }

  settled(options?: SettledOptions): Promise<RunResult> {
    return settled(this.#runtime, options)
  }

  collectGarbage(options?: GarbageOptions): Promise<GarbageReport> {
    return collectGarbage(this.#runtime, options)
  }

  mediaStatistics(): Promise<MediaStatistics> {
    return readMediaStatistics(this.#runtime.database)
  }

  status(options?: StatusOptions): Promise<DatabaseStatus> {
    return status(this.#runtime, options)
  }

  doctor(options?: DoctorOptions): Promise<DoctorReport> {
    return doctor(this.#runtime, options)
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#open.close())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #tableOf(name: string): Promise<Table<Schema>> {
    await followUsers(this.#runtime)
    return this.#handleOf(await this.#runtime.freshModel(name))
  }

  async #handleOf<S extends Schema>(model: TableModel): Promise<Table<S>> {
    return createTableHandle<S>(this.#runtime, await this.#definitionOf(model, this.#runtime.database))
  }

  async #rowsOf(name: string, client: SqlTransaction): Promise<TableRows<Schema>> {
    const model = await tableModel(this.#runtime, name, client)
    return createTableRows(this.#runtime, await this.#definitionOf(model, client), client)
  }

  #definitionOf(model: TableModel, client: SqlClient): Promise<TableDefinition> {
    return readTableDefinition(client, model, this.#runtime.registry)
  }

  async #change(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } finally {
      this.#runtime.forgetModels()
      this.#runtime.wake()
    }
  }
}
