import type { SqlClient } from '../connection/sql-client.ts'
import type { QuerySources } from './compile-query.ts'
import { type CompiledNeighbours, compileNeighbours, neighbourOutputs } from './compile-neighbours.ts'
import { nearnessOf } from './nearness.ts'
import type { QuerySpec } from './query-spec.ts'
import { runReusable } from './run-reusable.ts'

type Rows = readonly (readonly unknown[])[]

/** What the HNSW index gave; null rows when exact search must be asked instead, with the reason. */
export interface NeighboursFound {
  readonly rows: Rows | null
  readonly reason: string
}

export interface SearchOptions {
  /** How many of the nearest rows the index is asked for. */
  readonly candidates: number
  /** In a transaction, where the settings of the search last until the caller takes them back. */
  readonly inTransaction: boolean
}

/** Searches through the HNSW index. */
export async function searchNeighbours(
  client: SqlClient,
  spec: QuerySpec & { readonly limit: number },
  sources: QuerySources,
  { candidates, inTransaction }: SearchOptions,
): Promise<NeighboursFound> {
  const search = neighboursOf(spec, sources, candidates)
  if (search === null) return { rows: null, reason: 'there is no index for it' }
  const { rows } = search.isReusable && !inTransaction ? await runReusable(client, search.statement) : await client.queryArrays(search.statement)
  return judge(spec, search, rows)
}

export function neighboursOf(spec: QuerySpec & { readonly limit: number }, sources: QuerySources, candidates: number): CompiledNeighbours | null {
  const target = nearnessOf(spec)?.target ?? null
  return target === null ? null : compileNeighbours(spec, sources, target, candidates)
}

/** Fewer than were asked for, or a tie at the end that further sort keys decide: only exact search knows. */
function judge(spec: QuerySpec & { readonly limit: number }, { candidates }: CompiledNeighbours, rows: Rows): NeighboursFound {
  if (rows.length < spec.limit) return { rows: null, reason: `of the ${candidates} nearest by the HNSW index fewer matched than were asked for` }
  const last = rows.at(-1)
  const isTie = spec.orderBy.length > 1 && last !== undefined && Number(last[2]) === candidates && last[0] === last[1]
  if (isTie) return { rows: null, reason: 'further sort keys decide among more equally near rows than the HNSW index gave' }
  return { rows: rows.map((row) => row.slice(neighbourOutputs(spec))), reason: '' }
}
