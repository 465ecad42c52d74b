import { type ExpressionNode, walkNodes } from '@vivant/core'
import { sql } from 'kysely'
import type { SqlClient } from '../connection/sql-client.ts'
import type { Fragment } from '../expression/sql-operator.ts'
import { list, page, sorted, where } from './clause-sql.ts'
import { cellsRead, from, neverNullIn, type QuerySources, type ReadCell } from './compile-query.ts'
import { type CompiledStatement, compileStatement } from './compile-statement.ts'
import { conjuncts, QueryContext, readsCells } from './query-context.ts'
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
  const cells = cellsRead(spec, sources)
  if (cells.length === 0) return null
  const joinsByCells = sources.some(({ join }) => join && readsAnyCell(sources, join.on))
  if (!joinsByCells) return compileStatement(sql`select count(*) from (${unsettledRows(spec, sources, cells)}) r where not final`)
  // which rows are joined is not yet known: all of each table are waited for
  const counts = sources.flatMap(({ source, model }) => {
    const own = cells.filter((entry) => entry.source === source)
    const alone: QuerySources = [{ source, model }]
    const ownConditions = conjuncts(spec.where).filter((node) => sourcesOf(node).every((of) => of === source))
    return own.length === 0
      ? []
      : [sql`(select count(*) from (${unsettledRows({ ...spec, where: ownConditions, orderBy: [], limit: null, offset: 0 }, alone, own)}) r where not final)`]
  })
  return compileStatement(sql`select ${sql.join(counts, sql` + `)}`)
}

function unsettledRows(spec: QuerySpec, sources: QuerySources, cells: readonly ReadCell[]): Fragment {
  const level = new QueryContext(sources)
  const keys = spec.orderBy.map(({ node }) => node)
  const all = conjuncts(spec.where)
  const stored = all.filter((node) => !readsAnyCell(sources, node))
  const isOfRows = spec.groupBy === null && !spec.distinct
  const isPaged = isOfRows && stored.length === all.length && !keys.some((node) => readsAnyCell(sources, node))
  const final = cells.map(({ source, cell }) => sql`coalesce(${level.of(source).final(cell, cells.length > maxJoinedCells)}, false)`)
  const conditions = stored.map((node) => level.compile(node))
  const order = isPaged
    ? sorted(
        keys.map((node) => level.compile(node)),
        spec.orderBy,
        neverNullIn(sources),
      )
    : sql``
  return sql`select (${list([sql.join(final, sql` and `)])}) as final${from(level)}${where(conditions)}${order}${isPaged ? page(spec) : sql``}`
}

function readsAnyCell(sources: QuerySources, node: ExpressionNode): boolean {
  return sources.some((source) => readsCells(source, node))
}

function sourcesOf(node: ExpressionNode): readonly number[] {
  return [...walkNodes(node)].flatMap((entry) => (entry.node === 'column' || entry.node === 'cell' ? [entry.source] : []))
}
