import { VivantError } from '@vivant/core'
import { sql } from 'kysely'
import type { TableModel } from '../catalog/table-model.ts'
import { compileStaged, type QuerySources } from './compile-query.ts'
import type { QuerySource, SubqueryCompiler } from './query-spec.ts'

/** How the subqueries of a query become SQL, given the tables that they are about. */
export function subqueryCompiler(models: ReadonlyMap<string, TableModel>): SubqueryCompiler {
  const compile: SubqueryCompiler = ({ form, tables, query }, outer) => {
    const [first, ...joined] = tables.map(({ source, table, join }, index): QuerySource => {
      const model = models.get(table)
      if (!model) throw new VivantError('TABLE_NOT_FOUND', `There is no table "${table}": create it first, or look at its name.`, { details: { table } })
      return { source, model, ...(join && { join }), ...(index === 0 && { subqueries: compile }) }
    })
    if (!first) throw new VivantError('EXPRESSION_INVALID', 'A subquery has no table.')
    const sources: QuerySources = [first, ...joined]
    if (form === 'value') return sql`(${compileStaged({ ...query, limit: Math.min(query.limit ?? 1, 1) }, sources, outer)})`
    return sql`exists (${compileStaged(query, sources, outer)})`
  }
  return compile
}
