import { describeNode, nodesEqual, VivantError } from '@vivant/core'
import { sql } from 'kysely'
import type { Fragment } from '../expression/sql-operator.ts'
import { collated, list, page, sorted, where } from './clause-sql.ts'
import { afterCondition } from './keyset.ts'
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
  return sql`select ${list(names)}\nfrom (select distinct ${list(outputs)}${stage.body()}) d${where(afterCondition(spec, keys, () => false))}${sorted(keys, spec.orderBy, () => false)}${page(spec)}`
}

/** Of those that are equal in some expressions the first in the query's order, and these in that order. */
export function compileDistinctOn(spec: QuerySpec, stage: Stage): Fragment {
  const outputs = spec.select.map((node, index) => sql`${stage.compile(node)} as ${sql.raw(`_s${index}`)}`)
  const equal = spec.distinctOn.map((node, index) => sql`${stage.compile(node)} as ${sql.raw(`_d${index}`)}`)
  const order = spec.orderBy.map(({ node }, index) => sql`${stage.compile(node)} as ${sql.raw(`_o${index}`)}`)
  const ons = spec.distinctOn.map((_node, index) => sql.raw(`x._d${index}`))
  const keys = (rows: string): readonly Fragment[] => spec.orderBy.map(({ node }, index) => collated(node, sql.raw(`${rows}._o${index}`)))
  const firsts = [...ons, ...spec.orderBy.map(({ direction }, index) => sql`${keys('x')[index] ?? sql`null`} ${sql.raw(direction)} nulls last`)]
  const rows = sql`select ${list([...outputs, ...equal, ...order])}${stage.body()}`
  return sql`select ${list(spec.select.map((_node, index) => sql.raw(`d._s${index}`)))}
from (select distinct on (${list(ons)}) x.* from (${rows}) x order by ${list(firsts)}) d${where(afterCondition(spec, keys('d'), () => false))}${sorted(keys('d'), spec.orderBy, () => false)}${page(spec)}`
}
