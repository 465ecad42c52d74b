import type { QuerySpec } from './query-spec.ts'

/** Whether a query may leave rows out, its pages aside. */
export function isFiltered({ where, ready }: Pick<QuerySpec, 'where' | 'ready'>): boolean {
  return where.length > 0 || ready
}
