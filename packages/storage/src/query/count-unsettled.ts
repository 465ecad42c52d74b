import { sql } from 'kysely'
import type { SqlClient } from '../connection/sql-client.ts'
import { from, list, orderBy, page, type QuerySources, where } from './compile-query.ts'
import { type CompiledStatement, compileStatement } from './compile-statement.ts'
import { conjuncts, QueryContext, readCells, readsCells } from './query-context.ts'
import type { QuerySpec } from './query-spec.ts'
import { maxJoinedCells } from './source-context.ts'

/**
 * How many of the rows that may match have a cell, among those that the query reads, that is not settled or waits for a retry. A
 * condition over cells may come true when they are computed, so only those over stored columns narrow the rows; nor does a limit,
 * when cells decide which rows it keeps.
 */
export async function countUnsettled(client: SqlClient, spec: QuerySpec, sources: QuerySources): Promise<number> {
  const statement = compileUnsettled(spec, sources)
  if (statement === null) return 0
  const { rows } = await client.queryArrays(statement)
  return Number(rows[0]?.[0])
}

/** Null when the query reads no cell. */
export function compileUnsettled(spec: QuerySpec, sources: QuerySources): CompiledStatement | null {
  const [source] = sources
  const keys = spec.orderBy.map(({ node }) => node)
  const cells = readCells(source, [...spec.where, ...keys, ...spec.select])
  if (cells.length === 0) return null
  const level = new QueryContext(sources)
  const all = conjuncts(spec.where)
  const stored = all.filter((node) => !readsCells(source, node))
  const isPaged = stored.length === all.length && !keys.some((node) => readsCells(source, node))
  const final = cells.map((cell) => sql`coalesce(${level.root.final(cell, cells.length > maxJoinedCells)}, false)`)
  const conditions = stored.map((node) => level.compile(node))
  const order = isPaged
    ? orderBy(
        keys.map((node) => level.compile(node)),
        spec.orderBy,
        source.model,
      )
    : sql``
  const rows = sql`select (${list([sql.join(final, sql` and `)])}) as final${from(level)}${where(conditions)}${order}${isPaged ? page(spec) : sql``}`
  return compileStatement(sql`select count(*) from (${rows}) r where not final`)
}
