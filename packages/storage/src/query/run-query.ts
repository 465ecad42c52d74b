import { VivantError } from '@vivant/core'
import { sql } from 'kysely'
import type { Database } from '../connection/database.ts'
import type { ArrayResult, SqlClient } from '../connection/sql-client.ts'
import { compileCount, compileQuery, type QuerySources } from './compile-query.ts'
import { type CompiledStatement, compileStatement } from './compile-statement.ts'
import { nearnessOf } from './nearness.ts'
import { PlanFacts } from './plan-facts.ts'
import type { QuerySpec } from './query-spec.ts'
import { neighboursOf, searchNeighbours } from './search-neighbours.ts'
import { runReusable } from './run-reusable.ts'
import { type ExactPlan, type IndexPlan, planSearch, type SearchPlan } from './search-plan.ts'

/** Where a query runs: on a connection of the pool, or inside a transaction. */
export interface QueryPlace {
  readonly database: Database
  /** A transaction's. */
  readonly client?: SqlClient | undefined
  readonly signal?: AbortSignal | undefined
}

export type ValueRows = readonly (readonly unknown[])[]

/** The rows of a query, each as an array in the order of `spec.select`. */
export async function runQuery(place: QueryPlace, spec: QuerySpec, sources: QuerySources): Promise<ValueRows> {
  if (nearnessOf(spec) !== null) return (await runSearch(place, spec, sources)).rows
  const { statement, isReusable } = compileQuery(spec, sources)
  const run = isReusable && place.client === undefined ? runReusable : runOnce
  return withClient(place, async (client) => (await run(client, statement)).rows)
}

function runOnce(client: SqlClient, statement: CompiledStatement): Promise<ArrayResult> {
  return client.queryArrays(statement)
}

export async function runCount(place: QueryPlace, spec: QuerySpec, sources: QuerySources): Promise<number> {
  const { rows } = await withClient(place, (client) => client.queryArrays(compileCount(spec, sources)))
  return Number(rows[0]?.[0])
}

interface SearchResult {
  readonly plan: SearchPlan
  readonly rows: ValueRows
}

/** Neighbours: through the HNSW index where that pays, exactly otherwise and whenever the index does not give enough. */
async function runSearch(place: QueryPlace, spec: QuerySpec, sources: QuerySources): Promise<SearchResult> {
  const plan = await withClient(place, (client) => planSearch(client, spec, sources, factsOf(place.database)))
  if (plan.plan === 'exact' || !hasLimit(spec)) return { plan, rows: await runExact(place, spec, sources) }
  let { reason } = plan
  for (const candidates of plan.attempts) {
    const found = await withSavepoint(place, (client) => searchNeighbours(client, spec, sources, { candidates, inTransaction: place.client !== undefined }))
    if (found.rows !== null) return { plan: { plan: 'hnsw', reason, attempts: [candidates] } satisfies IndexPlan, rows: found.rows }
    reason += `; but ${found.reason}`
  }
  return { plan: { plan: 'exact', reason } satisfies ExactPlan, rows: await runExact(place, spec, sources) }
}

const factsByDatabase = new WeakMap<Database, PlanFacts>()

function factsOf(database: Database): PlanFacts {
  const known = factsByDatabase.get(database) ?? new PlanFacts()
  factsByDatabase.set(database, known)
  return known
}

async function runExact(place: QueryPlace, spec: QuerySpec, sources: QuerySources): Promise<ValueRows> {
  const { rows } = await withClient(place, (client) => client.queryArrays(compileQuery(spec, sources).statement))
  return withoutStrangers(rows)
}

/** Rows at no distance are no neighbours; they come last. */
export function withoutStrangers(rows: ValueRows): ValueRows {
  const found = rows.filter(([distance]) => distance !== null)
  return found.map((row) => row.slice(1))
}

/** How PostgreSQL goes about a query. */
export interface QueryExplanation {
  /** How neighbours are found, for a query sorted by nearness; null for any other. */
  readonly search: SearchPlan | null
  readonly statement: CompiledStatement
  /** PostgreSQL's plan, a line each. */
  readonly lines: readonly string[]
}

export async function explainQuery(place: QueryPlace, spec: QuerySpec, sources: QuerySources, analyze: boolean): Promise<QueryExplanation> {
  const search = nearnessOf(spec) === null ? null : await explainedSearch(place, spec, sources, analyze)
  const neighbours = search?.plan === 'hnsw' && hasLimit(spec) ? neighboursOf(spec, sources, search.attempts[0] ?? 0) : null
  const statement = neighbours?.statement ?? compileQuery(spec, sources).statement
  const explain = { text: `explain ${analyze ? '(analyze, buffers) ' : ''}${statement.text}`, values: statement.values }
  const { rows } = await withSavepoint(place, (client) => client.queryArrays(explain))
  return { search, statement, lines: rows.map(([line]) => String(line)) }
}

async function explainedSearch(place: QueryPlace, spec: QuerySpec, sources: QuerySources, analyze: boolean): Promise<SearchPlan> {
  if (!analyze) return withClient(place, (client) => planSearch(client, spec, sources))
  return (await runSearch(place, spec, sources)).plan
}

function hasLimit(spec: QuerySpec): spec is QuerySpec & { readonly limit: number } {
  return spec.limit !== null
}

/** What a statement sets ends with it; inside a transaction with a savepoint, that is rolled back. */
async function withSavepoint<T>(place: QueryPlace, work: (client: SqlClient) => Promise<T>): Promise<T> {
  const { client } = place
  if (!client) return withClient(place, work)
  return withSignal(place, (run) =>
    run(client, async () => {
      await client.query('savepoint vivant_search')
      const result = await work(client)
      await client.query('rollback to savepoint vivant_search; release savepoint vivant_search')
      return result
    }),
  )
}

/** One connection for as long as `work` lasts. */
export async function withClient<T>(place: QueryPlace, work: (client: SqlClient) => Promise<T>): Promise<T> {
  const { client, database } = place
  if (client) return withSignal(place, (run) => run(client, () => work(client)))
  if (!place.signal) return work(database)
  return withSignal(place, (run) => database.session((session) => run(session, () => work(session))))
}

type Run<T> = (client: SqlClient, work: () => Promise<T>) => Promise<T>

/**
 * Ends when the signal says so, with ABORTED. On a server the statement under way is cancelled there; the embedded engine finishes
 * it, and its result is dropped.
 */
async function withSignal<T>({ database, client: transaction, signal }: QueryPlace, start: (run: Run<T>) => Promise<T>): Promise<T> {
  throwIfAborted(signal)
  // In a transaction of the user's it is waited for: a cancelled statement would end the transaction.
  if (!signal || transaction) return start((_client, work) => work())
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(abortError(signal))
  signal.addEventListener('abort', onAbort, { once: true })
  const running = start(async (client, work) => (database.profile.singleProcess ? work() : cancelledBy(database, signal, client, work)))
  running.catch(() => {})
  try {
    return await Promise.race([running, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Runs `work`, and cancels its statement when the signal comes. The connection is not let go of before the cancellation is over. */
async function cancelledBy<T>(database: Database, signal: AbortSignal, client: SqlClient, work: () => Promise<T>): Promise<T> {
  const { rows } = await client.queryArrays(compileStatement(sql`select pg_backend_pid()`))
  let cancelling: Promise<unknown> | undefined
  const onAbort = (): void => {
    cancelling = database.query({ text: 'select pg_cancel_backend($1)', values: [rows[0]?.[0]] }).catch(() => {})
  }
  if (signal.aborted) throw abortError(signal)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await work()
  } finally {
    signal.removeEventListener('abort', onAbort)
    await cancelling
  }
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError(signal)
}

export function abortError(signal: AbortSignal): VivantError {
  return new VivantError('ABORTED', 'The query was given up, as its signal was aborted.', { cause: signal.reason })
}
