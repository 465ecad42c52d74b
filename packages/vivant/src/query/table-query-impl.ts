import { type Expression, expressionNode, isVivantError, parseOperand, type TableDefinition, VivantError } from '@vivant/core'
import {
  compileQuery,
  explainQuery,
  isPostgresError,
  type QueryPlace,
  type QuerySources,
  type QuerySpec,
  runCount,
  runQuery,
  type Statement,
  type SqlTransaction,
  streamQuery,
  type TableModel,
  translateQueryError,
} from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'
import { tableModel } from '../write/table-model.ts'
import { deleteRows, updateRows } from './change-rows.ts'
import { embedSearches } from './embed-searches.ts'
import type { ExecuteOptions, ExplainOptions, Explanation, FreshOptions, QuerySql, StreamOptions, ChangeResult } from './query.ts'
import { queryRow, sourceNumber } from './query-row.ts'
import { allRows, parseDirection, parseRowCount, type QueryState } from './query-state.ts'
import { resultReader } from './result-reader.ts'
import { type ParsedSelection, parseSelection } from './selection.ts'
import { waitUntilFresh } from './wait-until-fresh.ts'

export interface QueryScope {
  readonly runtime: Runtime
  readonly table: TableDefinition
  readonly client?: SqlTransaction | undefined
}

type Row = Readonly<Record<string, Expression>>

const defaultChunkSize = 1000

/** Behind `TableQuery` and `Query`: the types are in the interfaces, this one keeps the clauses and runs them. */
export class TableQueryImpl {
  readonly #scope: QueryScope
  readonly #source: number
  readonly #row: Row
  readonly #state: QueryState

  constructor(scope: QueryScope, state: QueryState = allRows, row?: Row) {
    this.#scope = scope
    this.#source = sourceNumber(scope.runtime, scope.table.name)
    this.#row = row ?? (queryRow(scope.table, this.#source) as Row)
    this.#state = state
  }

  where(condition: (row: Row) => unknown): TableQueryImpl {
    const { node } = parseOperand(condition(this.#row), { kind: 'boolean' }, 'where()')
    return this.#with({ where: [...this.#state.where, node] })
  }

  orderBy(key: (row: Row) => Expression, direction: unknown = 'asc'): TableQueryImpl {
    return this.#with({ orderBy: [...this.#state.orderBy, { node: expressionNode(key(this.#row)), direction: parseDirection(direction) }] })
  }

  limit(count: number): TableQueryImpl {
    return this.#with({ limit: parseRowCount(count, 'limit()', 0) })
  }

  offset(count: number): TableQueryImpl {
    return this.#with({ offset: parseRowCount(count, 'offset()', 0) })
  }

  select(selection: (row: Row) => unknown): TableQueryImpl {
    return this.#with({ selection: parseSelection(selection(this.#row)) })
  }

  ready(): TableQueryImpl {
    return this.#with({ ready: true })
  }

  fresh(options: FreshOptions = {}): TableQueryImpl {
    if (options.timeoutMs !== undefined) parseRowCount(options.timeoutMs, 'timeoutMs of fresh()', 0)
    return this.#with({ fresh: options })
  }

  async execute({ signal }: ExecuteOptions = {}): Promise<unknown[]> {
    return this.#run(signal, async (place, spec, sources) => {
      const rows = await runQuery(place, spec, sources)
      return rows.map(this.#reader())
    })
  }

  async executeTakeFirst(options?: ExecuteOptions): Promise<unknown> {
    const [first] = await this.#with({ limit: Math.min(this.#state.limit ?? 1, 1) }).execute(options)
    return first
  }

  async executeTakeFirstOrThrow(options?: ExecuteOptions): Promise<unknown> {
    const first = await this.executeTakeFirst(options)
    if (first !== undefined) return first
    const { name } = this.#scope.table
    throw new VivantError('NO_RESULT', `No row of '${name}' matches the query.`, { details: { table: name } })
  }

  async count({ signal }: ExecuteOptions = {}): Promise<number> {
    return this.#run(signal, runCount)
  }

  async *stream({ signal, chunkSize = defaultChunkSize }: StreamOptions = {}): AsyncGenerator<unknown, void, undefined> {
    const size = parseRowCount(chunkSize, 'chunkSize', 1)
    const { place, spec, sources } = await this.#run(signal, async (...prepared) => {
      const [preparedPlace, preparedSpec, preparedSources] = prepared
      return { place: preparedPlace, spec: preparedSpec, sources: preparedSources }
    })
    const read = this.#reader()
    try {
      for await (const rows of streamQuery(place, spec, sources, size)) for (const row of rows) yield read(row)
    } catch (error) {
      throw translateQueryError(error, sources[0].model)
    }
  }

  async toSQL({ signal }: ExecuteOptions = {}): Promise<QuerySql> {
    const query = this.#with({ fresh: null })
    return query.#run(signal, async (_place, spec, sources) => {
      const { text, values } = compileQuery(spec, sources).statement
      return { sql: text, parameters: values }
    })
  }

  async explain({ signal, analyze = false }: ExplainOptions = {}): Promise<Explanation> {
    return this.#run(signal, async (place, spec, sources) => {
      const { search, lines, statement } = await explainQuery(place, spec, sources, analyze)
      return { sql: statement.text, parameters: statement.values, plan: search?.plan ?? null, reason: search?.reason ?? null, lines }
    })
  }

  /** Runs `work` with the statement that gives the ids of the rows, to stand in another. */
  async withIds<T>(work: (ids: Statement) => Promise<T>): Promise<T> {
    const ids = this.select((row) => ({ id: row['_id'] }))
    return ids.#run(undefined, (_place, spec, sources) => work(compileQuery(spec, sources).statement))
  }

  async update(change: unknown, { signal }: ExecuteOptions = {}): Promise<ChangeResult> {
    this.#requireChangeable('update')
    const given: unknown = typeof change === 'function' ? (change as (row: Row) => unknown)(this.#row) : change
    return this.#run(signal, (place, spec, sources) => updateRows(this.#scope, place, spec.where, given, sources))
  }

  async delete({ signal }: ExecuteOptions = {}): Promise<ChangeResult> {
    this.#requireChangeable('delete')
    return this.#run(signal, (place, spec, sources) => deleteRows(this.#scope, place, spec.where, sources))
  }

  #with(change: Partial<QueryState>): TableQueryImpl {
    return new TableQueryImpl(this.#scope, Object.freeze({ ...this.#state, ...change }), this.#row)
  }

  /** Runs a call with the table as it is known; once more with a fresh entry of the catalog when the table turns out to have changed. */
  async #run<T>(signal: AbortSignal | undefined, work: (place: QueryPlace, spec: QuerySpec, sources: QuerySources) => Promise<T>): Promise<T> {
    const { runtime, table, client } = this.#scope
    const place: QueryPlace = { database: runtime.database, client, signal }
    const attempt = async (model: TableModel): Promise<T> => {
      const sources: QuerySources = [{ source: this.#source, model }]
      const spec = await embedSearches(runtime, client ? runtime.media.on(client) : runtime.media, this.#spec(), sources, signal)
      if (this.#state.fresh) await waitUntilFresh(runtime, place, spec, sources, this.#state.fresh)
      return work(place, spec, sources)
    }
    const translated = async (model: TableModel, run: Promise<T>): Promise<T> =>
      run.catch((error: unknown) => {
        throw translateQueryError(error, model)
      })
    const known = await tableModel(runtime, table.name, client)
    try {
      return await attempt(known)
    } catch (error) {
      if (client || !mayBeOutdated(error)) throw translateQueryError(error, known)
      const fresh = await runtime.freshModel(table.name)
      if (sameColumns(fresh, known)) throw translateQueryError(error, known)
      return translated(fresh, attempt(fresh))
    }
  }

  #spec(): QuerySpec {
    const { where, orderBy, limit, offset, ready } = this.#state
    return { where, orderBy, limit, offset, ready, select: this.#selection().nodes }
  }

  /** What is selected, or every column of the table. */
  #selection(): ParsedSelection {
    return this.#state.selection ?? parseSelection({ _id: this.#row['_id'], ...this.#row })
  }

  #reader(): (row: readonly unknown[]) => unknown {
    return resultReader(this.#selection(), this.#scope.runtime.media)
  }

  /** Throws WHERE_NEEDED, and EXPRESSION_INVALID for a query that is more than a condition. */
  #requireChangeable(verb: 'update' | 'delete'): void {
    const { where, orderBy, limit, offset, ready, fresh, selection } = this.#state
    const { name } = this.#scope.table
    if (where.length === 0) {
      throw new VivantError('WHERE_NEEDED', `${verb}() of '${name}' needs a where: for all rows say where(() => lit(true)).`, { details: { table: name } })
    }
    if (orderBy.length > 0 || limit !== null || offset > 0 || ready || fresh || selection) {
      throw new VivantError('EXPRESSION_INVALID', `${verb}() of '${name}' takes conditions alone: choose the rows by where().`, { details: { table: name } })
    }
  }
}

/** What a statement, or its compilation, says when another process has changed the table. */
function mayBeOutdated(error: unknown): boolean {
  if (isVivantError(error, 'COLUMN_NOT_FOUND') || isVivantError(error, 'EXPRESSION_INVALID')) return true
  return isPostgresError(error) && ['42703', '42P01', '42804', '42883', '0A000'].includes(error.code)
}

function sameColumns(a: TableModel, b: TableModel): boolean {
  const names = (model: TableModel): string => JSON.stringify([...model.stored, ...model.cells, ...model.virtual].map((column) => [column.id, column.name]))
  return names(a) === names(b)
}
