import { describeNode, nodesEqual, VivantError } from '@vivant/core'
import { sql } from 'kysely'
import type { Fragment } from '../expression/sql-operator.ts'
import { collated, list, page, sorted } from './clause-sql.ts'
import type { QuerySpec } from './query-spec.ts'
import type { Stage } from './stage.ts'

/** Of equal results one. They are made below, so that the order may be another than the one in which equal ones are found. */
export function compileDistinct(spec: QuerySpec, stage: Stage): Fragment {
  const outputs = spec.select.map((node, index) => sql`${stage.compile(node)} as ${sql.raw(`_s${index}`)}`)
  const names = spec.select.map((_node, index) => sql.raw(`d._s${index}`))
  const keys = spec.orderBy.map(({ node }) => {
    const index = spec.select.findIndex((selected) => nodesEqual(selected, node))
    if (index !== -1) return collated(node, sql.raw(`d._s${index}`))
    throw new VivantError(
      'EXPRESSION_INVALID',
      `orderBy(): ${describeNode(node)} is not selected, and of equal results distinct() keeps one: sort by what is selected.`,
    )
  })
  return sql`select ${list(names)}\nfrom (select distinct ${list(outputs)}${stage.body()}) d${sorted(keys, spec.orderBy, () => false)}${page(spec)}`
}
