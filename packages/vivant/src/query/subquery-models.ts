import { clauseNodes, type SubqueryNode, walkNodes } from '@vivant/core'
import { type QuerySources, type QuerySpec, type SqlTransaction, subqueryCompiler } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'
import { tableModel } from '../write/table-model.ts'

/** The query's tables, with what its subqueries have to know of theirs. */
export async function withSubqueries(runtime: Runtime, client: SqlTransaction | undefined, spec: QuerySpec, sources: QuerySources): Promise<QuerySources> {
  const joined = sources.flatMap(({ join }) => (join ? [join.on] : []))
  const found = [...clauseNodes(spec), ...joined].flatMap((node) => [...walkNodes(node)].filter((inner): inner is SubqueryNode => inner.node === 'subquery'))
  if (found.length === 0) return sources
  const names = [...new Set(found.flatMap(({ tables }) => tables.map(({ table }) => table)))]
  const models = await Promise.all(names.map(async (name) => [name, await tableModel(runtime, name, client)] as const))
  const [first, ...rest] = sources
  return [{ ...first, subqueries: subqueryCompiler(new Map(models)) }, ...rest]
}
