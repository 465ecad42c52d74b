import type { SqlClient } from '../connection/sql-client.ts'
import type { QuerySources } from './compile-query.ts'
import { type CompiledNeighbours, compileNeighbours, neighbourOutputs } from './compile-neighbours.ts'
import { nearnessOf } from './nearness.ts'
import type { QuerySpec } from './query-spec.ts'

type Rows = readonly (readonly unknown[])[]

/** What the HNSW index gave; null rows when exact search must be asked instead, with the reason. */
export interface NeighboursFound {
  readonly rows: Rows | null
  readonly reason: string
}

/** Runs a compiled search; the caller's transaction ends with it, and with it the settings. */
export async function searchNeighbours(client: SqlClient, spec: QuerySpec & { readonly limit: number }, sources: QuerySources): Promise<NeighboursFound> {
  const search = neighboursOf(spec, sources)
  if (search === null) return { rows: null, reason: 'there is no index for it' }
  await client.query(searchSettings(search))
  const { rows } = await client.queryArrays(search.statement)
  return judge(spec, search, rows)
}

export function neighboursOf(spec: QuerySpec & { readonly limit: number }, sources: QuerySources): CompiledNeighbours | null {
  const target = nearnessOf(spec)?.target ?? null
  return target === null ? null : compileNeighbours(spec, sources, target)
}

/** For one transaction. `strict_order` instead would drop what it meets too late: k rows in order, and the wrong ones. */
export function searchSettings({ efSearch }: CompiledNeighbours): string {
  return `set local hnsw.iterative_scan = relaxed_order; set local hnsw.ef_search = ${efSearch}`
}

/** Fewer than were asked for, or a tie at the end that further sort keys decide: only exact search knows. */
function judge(spec: QuerySpec & { readonly limit: number }, { fetched }: CompiledNeighbours, rows: Rows): NeighboursFound {
  if (rows.length < spec.limit)
    return { rows: null, reason: `the HNSW index gave ${rows.length + (rows.length > 0 ? spec.offset : 0)} rows, fewer than were asked for` }
  const last = rows.at(-1)
  const isTie = spec.orderBy.length > 1 && last !== undefined && last[2] === fetched && last[0] === last[1]
  if (isTie) return { rows: null, reason: 'further sort keys decide among more equally near rows than the HNSW index gave' }
  return { rows: rows.map((row) => row.slice(neighbourOutputs(spec))), reason: '' }
}
