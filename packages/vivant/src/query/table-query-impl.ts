import {
  describeNode,
  describeValue,
  type Definition,
  encodeJson,
  type Expression,
  expressionFunctions,
  expressionNode,
  type FunctionDefinition,
  groupedRow,
  isExpression,
  isVivantError,
  parseOperand,
  type Schema,
  type SubqueryNode,
  subqueryNode,
  tableDefinition,
  type TableDefinition,
  VivantError,
} from '@vivant/core'
import {
  compileQuery,
  decodeValue,
  explainQuery,
  isPostgresError,
  type OrderKey,
  type QueryPlace,
  type QuerySource,
  type QuerySources,
  type QuerySpec,
  runCount,
  runQuery,
  type Statement,
  type SqlTransaction,
  streamQuery,
  type TableModel,
  translateQueryError,
  type ValueRows,
} from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'
import { tableModel } from '../write/table-model.ts'
import { deleteRows, updateRows } from './change-rows.ts'
import { createCursor, parseCursor } from './cursor.ts'
import { embedSearches } from './embed-searches.ts'
import { runSplit, type SplitRun } from './functions/run-split.ts'
import { type SplitQuery, splitQuery } from './functions/split-query.ts'
import { parseSample } from './parse-sample.ts'
import type { ChangeResult, ExecuteOptions, ExplainOptions, Explanation, FreshOptions, Page, QuerySql, StreamOptions } from './query.ts'
import { type QueriedRow, queriedTable } from './queried-table.ts'
import { allRows, parseDirection, parseRowCount, type QueryState } from './query-state.ts'
import { decodedReader, resultReader } from './result-reader.ts'
import { type ParsedSelection, parseSelection } from './selection.ts'
import { withSubqueries } from './subquery-models.ts'
import { wholeOrder } from './tie-breakers.ts'
import { waitUntilFresh } from './wait-until-fresh.ts'

export interface QueryScope {
  readonly runtime: Runtime
  readonly table: TableDefinition
  readonly client?: SqlTransaction | undefined
}

/** What a clause is given: it gets the rows of the query's tables, or of its groups. */
type Callback = (...rows: readonly unknown[]) => unknown

const booleanType = { kind: 'boolean' } as const

const defaultChunkSize = 1000

/** Behind `TableQuery` and `Query`: the types are in the interfaces, this one keeps the clauses and runs them. */
export class TableQueryImpl {
  readonly #scope: QueryScope
  readonly #state: QueryState

  constructor(scope: QueryScope, state: QueryState = allRows(queriedTable(scope.table))) {
    this.#scope = scope
    this.#state = state
  }

  where(condition: Callback): TableQueryImpl {
    this.#requireRows('where', 'having() chooses among groups')
    const { node, functions } = parseOperand(condition(...this.#rows), booleanType, 'where()')
    return this.#with({ where: [...this.#state.where, node] }, functions)
  }

  join(table: Definition<Schema>, on: Callback): TableQueryImpl {
    return this.#join('inner', table, on)
  }

  leftJoin(table: Definition<Schema>, on: Callback): TableQueryImpl {
    return this.#join('left', table, on)
  }

  groupBy(keys: Callback, values: Callback = () => ({})): TableQueryImpl {
    this.#requireRows('groupBy', 'a query groups once')
    const [given, read] = [keys(...this.#rows), values(...this.#rows)]
    parseSelection(read, 'the values of groupBy()')
    const rows = [given, ...this.#rows.map((row) => groupedRow(row as object)), groupedRow(read as object)]
    const parsed = parseSelection(given, 'groupBy()')
    return this.#with({ groups: { keys: parsed, rows }, orderBy: [], selection: null }, parsed.functions)
  }

  having(condition: Callback): TableQueryImpl {
    const { node, functions } = parseOperand(condition(...this.#rows), booleanType, 'having()')
    return this.#with({ having: [...this.#state.having, node] }, functions)
  }

  distinct(): TableQueryImpl {
    return this.#with({ distinct: true })
  }

  distinctOn(keys: Callback): TableQueryImpl {
    const given = keys(...this.#rows)
    const nodes = isExpression(given) ? [expressionNode(given)] : parseSelection(given, 'distinctOn()').nodes
    return this.#with({ distinctOn: nodes })
  }

  sample(size: unknown): TableQueryImpl {
    this.#requireRows('sample', 'a sample is one of rows')
    return this.#with({ sample: parseSample(size, this.#rows) })
  }

  after(cursor: string | null | undefined): TableQueryImpl {
    return this.#with({ cursor: cursor ?? null })
  }

  orderBy(key: Callback, direction: unknown = 'asc'): TableQueryImpl {
    const given = key(...this.#rows) as Expression
    const order: OrderKey = { node: expressionNode(given), direction: parseDirection(direction) }
    return this.#with({ orderBy: [...this.#state.orderBy, order] }, expressionFunctions(given))
  }

  limit(count: number): TableQueryImpl {
    return this.#with({ limit: parseRowCount(count, 'limit()', 0) })
  }

  offset(count: number): TableQueryImpl {
    return this.#with({ offset: parseRowCount(count, 'offset()', 0) })
  }

  select(selection: Callback): TableQueryImpl {
    const parsed = parseSelection(selection(...this.#rows))
    return this.#with({ selection: parsed }, parsed.functions)
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
      const split = splitQuery(spec, sources)
      if (split) return (await this.#runSplit(place, split, sources)).map(this.#decodedReader())
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

  async executePage({ signal }: ExecuteOptions = {}): Promise<Page<unknown>> {
    const { limit } = this.#state
    if (limit === null || limit === 0) throw new VivantError('VALUE_INVALID', 'executePage() needs a limit() from 1 on: how many rows a page has.')
    const query = this.#with({ orderBy: wholeOrder(this.#state) })
    return query.#run(signal, async (place, spec, sources) => {
      const { select, orderBy } = spec
      const whole: QuerySpec = { ...spec, select: [...select, ...orderBy.map((key) => key.node)], limit: limit + 1 }
      const split = splitQuery(whole, sources, true)
      const found = split ? await this.#runSplit(place, split, sources) : await runQuery(place, whole, sources)
      const rows = found.slice(0, limit).map(split ? this.#decodedReader() : this.#reader())
      const last = found.length > limit ? found[limit - 1] : undefined
      if (last === undefined) return { rows, next: null }
      const values = orderBy.map(({ node: { type } }, index) => {
        const value = last[select.length + index]
        return encodeJson(type, split ? value : decodeValue(type, value))
      })
      return { rows, next: createCursor(query.#state, query.#state.orderBy, values) }
    })
  }

  /** A query that stands inside another. */
  static subquery(query: unknown, form: SubqueryNode['form']): SubqueryNode {
    const state = typeof query === 'object' && query !== null && #state in query ? query.#state : undefined
    if (state === undefined || !(query instanceof TableQueryImpl))
      throw new VivantError('TYPE_MISMATCH', `a subquery is a query, such as videos.where(…), not ${describeValue(query)}.`)
    const [first] = query.#selection().nodes
    if (form === 'value' && (first === undefined || query.#selection().nodes.length !== 1))
      throw new VivantError('TYPE_MISMATCH', `subquery() takes a query that selects one expression, such as select((v) => ({ title: v.title })).`)
    const tables = state.tables.map(({ source, table, join }) => ({ source, table: table.name, join: join ?? null }))
    const spec = query.#spec()
    if (form === 'value') return subqueryNode(form, tables, spec, first?.type ?? booleanType)
    // whether there is a row does not hang on what it gives
    return subqueryNode(form, tables, spec.distinct ? spec : { ...spec, select: [] }, booleanType)
  }

  async count({ signal }: ExecuteOptions = {}): Promise<number> {
    return this.#run(signal, async (place, spec, sources) => {
      const split = splitQuery(spec.distinct ? spec : { ...spec, select: [] }, sources)
      return split === null ? runCount(place, spec, sources) : (await this.#runSplit(place, split, sources)).length
    })
  }

  async *stream({ signal, chunkSize = defaultChunkSize }: StreamOptions = {}): AsyncGenerator<unknown, void, undefined> {
    const size = parseRowCount(chunkSize, 'chunkSize', 1)
    const { place, spec, sources } = await this.#run(signal, async (...prepared) => {
      const [preparedPlace, preparedSpec, preparedSources] = prepared
      return { place: preparedPlace, spec: preparedSpec, sources: preparedSources }
    })
    const split = splitQuery(spec, sources)
    const read = split ? this.#decodedReader() : this.#reader()
    try {
      const found = split ? runSplit(this.#splitRun(place, sources), split) : streamQuery(place, spec, sources, size)
      for await (const rows of found) for (const row of rows) yield read(row)
    } catch (error) {
      throw translateQueryError(error, sources[0].model)
    }
  }

  async toSQL({ signal }: ExecuteOptions = {}): Promise<QuerySql> {
    const query = this.#with({ fresh: null })
    return query.#run(signal, async (_place, spec, sources) => {
      const { text, values } = compileQuery(splitQuery(spec, sources)?.sql ?? spec, sources).statement
      return { sql: text, parameters: values }
    })
  }

  async explain({ signal, analyze = false }: ExplainOptions = {}): Promise<Explanation> {
    return this.#run(signal, async (place, spec, sources) => {
      const split = splitQuery(spec, sources)
      const { search, lines, statement } = await explainQuery(place, split?.sql ?? spec, sources, analyze)
      const functions = split?.left.map(({ clause, node }) => ({ clause, expression: describeNode(node) })) ?? []
      return { sql: statement.text, parameters: statement.values, plan: search?.plan ?? null, reason: search?.reason ?? null, lines, functions }
    })
  }

  /** Runs `work` with the statement that gives the ids of the rows, to stand in another. */
  async withIds<T>(work: (ids: Statement) => Promise<T>): Promise<T> {
    const ids = this.select(() => ({ id: this.#row['_id'] }))
    return ids.#run(undefined, (_place, spec, sources) => work(compileQuery(spec, sources).statement))
  }

  async update(change: unknown, { signal }: ExecuteOptions = {}): Promise<ChangeResult> {
    this.#requireChangeable('update')
    const given: unknown = typeof change === 'function' ? (change as (row: QueriedRow) => unknown)(this.#row) : change
    return this.#run(signal, (place, spec, sources) => updateRows(this.#scope, place, spec.where, given, sources))
  }

  async delete({ signal }: ExecuteOptions = {}): Promise<ChangeResult> {
    this.#requireChangeable('delete')
    return this.#run(signal, (place, spec, sources) => deleteRows(this.#scope, place, spec.where, sources))
  }

  #with(change: Partial<QueryState>, functions?: ReadonlySet<FunctionDefinition>): TableQueryImpl {
    const all = functions?.size ? { functions: new Set([...this.#state.functions, ...functions]) } : {}
    return new TableQueryImpl(this.#scope, Object.freeze({ ...this.#state, ...change, ...all }))
  }

  get #row(): QueriedRow {
    return this.#state.tables[0].row
  }

  /** What the callbacks get. */
  get #rows(): readonly unknown[] {
    return this.#state.groups?.rows ?? this.#state.tables.map(({ row }) => row)
  }

  #join(kind: 'inner' | 'left', other: Definition<Schema>, condition: Callback): TableQueryImpl {
    const clause = kind === 'left' ? 'leftJoin' : 'join'
    this.#requireRows(clause, 'group the rows that were joined')
    const table = queriedTable(tableDefinition(other))
    const { node: on } = parseOperand(condition(...this.#rows, table.row), booleanType, `${clause}()`)
    return this.#with({ tables: [...this.#state.tables, { ...table, join: { kind, on } }] })
  }

  #requireRows(clause: string, instead: string): void {
    if (this.#state.groups !== null) throw new VivantError('EXPRESSION_INVALID', `${clause}() comes before groupBy(): ${instead}.`)
  }

  /** Runs a call with the tables as they are known; once more with fresh entries of the catalog when one turns out to have changed. */
  async #run<T>(signal: AbortSignal | undefined, work: (place: QueryPlace, spec: QuerySpec, sources: QuerySources) => Promise<T>): Promise<T> {
    const { runtime, client } = this.#scope
    const place: QueryPlace = { database: runtime.database, client, signal }
    const attempt = async (models: readonly TableModel[]): Promise<T> => {
      const given = this.#spec()
      const sources = await withSubqueries(runtime, client, given, this.#sources(models))
      const spec = await embedSearches(runtime, client ? runtime.media.on(client) : runtime.media, given, sources, signal)
      if (this.#state.fresh) await waitUntilFresh(runtime, place, spec, sources, this.#state.fresh)
      return work(place, spec, sources)
    }
    const known = await this.#models((name) => tableModel(runtime, name, client))
    try {
      return await attempt(known)
    } catch (error) {
      if (client || !mayBeOutdated(error)) throw translateQueryError(error, tableOf(known))
      const fresh = await this.#models((name) => runtime.freshModel(name))
      if (fresh.every((model, index) => sameColumns(model, known[index] ?? model))) throw translateQueryError(error, tableOf(known))
      return attempt(fresh).catch((again: unknown) => {
        throw translateQueryError(again, tableOf(fresh))
      })
    }
  }

  #models(read: (name: string) => Promise<TableModel>): Promise<readonly TableModel[]> {
    return Promise.all(this.#state.tables.map(({ table }) => read(table.name)))
  }

  #sources(models: readonly TableModel[]): QuerySources {
    const [first, ...joined] = this.#state.tables.map(({ source, join }, index): QuerySource => ({ source, model: models[index]!, ...(join && { join }) }))
    return [first!, ...joined]
  }

  #spec(): QuerySpec {
    const { where, groups, having, distinct, distinctOn, sample, cursor, limit, offset, ready } = this.#state
    const orderBy = cursor === null ? this.#state.orderBy : wholeOrder(this.#state)
    const after = cursor === null ? null : parseCursor(this.#state, orderBy, cursor)
    const groupBy = groups?.keys.nodes ?? null
    return { where, sample, groupBy, having, distinct, distinctOn, orderBy, after, limit, offset, ready, select: this.#selection().nodes }
  }

  /** What is selected, or the keys of groups, or every column of the first table. */
  #selection(): ParsedSelection {
    const { selection, groups } = this.#state
    return selection ?? groups?.keys ?? parseSelection({ _id: this.#row['_id'], ...this.#row })
  }

  async #runSplit(place: QueryPlace, split: SplitQuery, sources: QuerySources): Promise<ValueRows> {
    const all: (readonly unknown[])[] = []
    for await (const rows of runSplit(this.#splitRun(place, sources), split)) for (const row of rows) all.push(row)
    return all
  }

  #splitRun(place: QueryPlace, sources: QuerySources): SplitRun {
    const { runtime, client } = this.#scope
    const functions = new Map([...this.#state.functions].map((definition) => [`${definition.name ?? ''} ${definition.hash}`, definition]))
    return {
      place,
      sources,
      environment: runtime.functionEnvironment(client ? runtime.media.on(client) : runtime.media),
      functionOf: ({ function: { name, hash } }) => functions.get(`${name} ${hash}`) ?? runtime.registry.find(name, hash),
    }
  }

  #decodedReader(): (row: readonly unknown[]) => unknown {
    return decodedReader(this.#selection(), this.#scope.runtime.media.batch())
  }

  #reader(): (row: readonly unknown[]) => unknown {
    return resultReader(this.#selection(), this.#scope.runtime.media.batch())
  }

  /** Throws WHERE_NEEDED, and EXPRESSION_INVALID for a query that is more than a condition. */
  #requireChangeable(verb: 'update' | 'delete'): void {
    const { tables, where, distinct, distinctOn, sample, cursor, orderBy, limit, offset, ready, fresh, selection } = this.#state
    const { name } = this.#scope.table
    if (where.length === 0) {
      throw new VivantError('WHERE_NEEDED', `${verb}() of '${name}' needs a where: for all rows say where(() => lit(true)).`, { details: { table: name } })
    }
    const isMore = tables.length > 1 || distinct || distinctOn.length > 0 || sample !== null || cursor !== null
    if (isMore || orderBy.length > 0 || limit !== null || offset > 0 || ready || fresh || selection) {
      throw new VivantError('EXPRESSION_INVALID', `${verb}() of '${name}' takes conditions alone: choose the rows by where().`, { details: { table: name } })
    }
  }
}

function tableOf(models: readonly TableModel[]): TableModel {
  return models[0]!
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
