import type { ExpressionNode } from '@vivant/core'
import { sql } from 'kysely'
import type { StoredColumn } from '../catalog/table-model.ts'
import type { SqlClient } from '../connection/sql-client.ts'
import { quoteName } from '../ddl/quote.ts'
import type { Fragment } from '../expression/sql-operator.ts'
import { encodeValue } from '../value/encode-value.ts'
import { pgType } from '../value/pg-type.ts'
import { list, where } from './clause-sql.ts'
import { from, type QuerySources } from './compile-query.ts'
import { type CompiledStatement, compileStatement } from './compile-statement.ts'
import { conjuncts, QueryContext } from './query-context.ts'
import { translateError } from './translate-error.ts'

/** What a stored column becomes: a validated value, or an expression over the row as it was. */
export interface Assignment {
  readonly column: StoredColumn
  readonly value: { readonly node: ExpressionNode } | { readonly constant: unknown }
}

/**
 * An update of the rows that all conditions leave. Conditions over stored columns stand in the statement itself, so that PostgreSQL
 * looks at them again when another transaction changed a row meanwhile; those over cells, and expressions over them, in a subquery.
 *
 * @example
 * update "public"."videos" t set "title" = upper(t."title") where (t."_id" = 7)
 */
export function compileUpdate(conditions: readonly ExpressionNode[], assignments: readonly Assignment[], sources: QuerySources): CompiledStatement {
  const target = targetOf(sources)
  const set = (values: readonly Fragment[]): Fragment =>
    list(assignments.map(({ column }, index) => sql`${sql.raw(quoteName(column.name))} = ${values[index] ?? sql`default`}`))
  if (assignments.every(({ value }) => 'constant' in value || isOfRow(value.node, sources))) {
    const row = new QueryContext(sources)
    const values = assignments.map((assignment) => assigned(assignment, row))
    return compileStatement(sql`update ${target} t set ${set(values)}${where(rowConditions(conditions, sources))}`)
  }
  const level = new QueryContext(sources)
  const matching = conjuncts(conditions).map((node) => level.compile(node))
  const values = assignments.map((assignment, index) => sql`${assigned(assignment, level)} as ${sql.raw(`_v${index}`)}`)
  const rows = sql`select ${list([sql`${level.root.id} as _id`, ...values])}${from(level)}${where(matching)}`
  const row = new QueryContext(sources)
  const again = conjuncts(conditions).flatMap((node) => (isOfRow(node, sources) ? [row.compile(node)] : []))
  return compileStatement(
    sql`update ${target} t set ${set(assignments.map((_entry, index) => sql.raw(`s._v${index}`)))}\nfrom (${rows}) s${where([sql`${row.root.id} = s._id`, ...again])}`,
  )
}

export function compileDelete(conditions: readonly ExpressionNode[], sources: QuerySources): CompiledStatement {
  return compileStatement(sql`delete from ${targetOf(sources)} t${where(rowConditions(conditions, sources))}`)
}

/** Runs a write; what PostgreSQL refuses comes back in words. */
export async function runWrite(client: SqlClient, statement: CompiledStatement, [{ model }]: QuerySources): Promise<number> {
  try {
    return (await client.query(statement)).rowCount
  } catch (error) {
    throw translateError(error, model)
  }
}

/** The conditions of the statement itself: over the row as they are, the rest as a subquery of ids. */
function rowConditions(conditions: readonly ExpressionNode[], sources: QuerySources): readonly Fragment[] {
  const all = conjuncts(conditions)
  const row = new QueryContext(sources)
  const ofRow = all.filter((node) => isOfRow(node, sources))
  const own = ofRow.map((node) => row.compile(node))
  if (ofRow.length === all.length) return own
  const level = new QueryContext(sources)
  const matching = all.map((node) => level.compile(node))
  return [...own, sql`${row.root.id} in (select ${level.root.id}${from(level)}${where(matching)})`]
}

/** Whether an expression reads the row itself and nothing beside it: no cell, no medium. */
function isOfRow(node: ExpressionNode, sources: QuerySources): boolean {
  const alone = new QueryContext(sources)
  alone.compile(node)
  return !alone.root.hasJoins
}

function targetOf([{ model }]: QuerySources): Fragment {
  return sql.raw(quoteName(model.schemaName, model.name))
}

function assigned({ column, value }: Assignment, level: QueryContext): Fragment {
  if ('constant' in value) return sql`${encodeValue(column.type, value.constant)}::${sql.raw(pgType(column.type))}`
  const fragment = level.compile(value.node)
  return column.type.kind === 'int' && value.node.type.kind === 'float' ? wholeNumber(fragment) : fragment
}

/** A float that is no whole number is refused, as everywhere, and not rounded: its text is no int8, and the error says so. */
function wholeNumber(fragment: Fragment): Fragment {
  return sql`(select case when x = trunc(x) and abs(x) <= 9007199254740991 then x::int8 else x::text::int8 end from (select ${fragment}::float8 as x) n)`
}
