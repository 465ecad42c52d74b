import { columnNode, columnsOf, describeNode, type ExpressionNode, mapNode, VivantError } from '@vivant/core'
import { notExpressible, type OrderKey, type QuerySources, type QuerySpec } from '@vivant/storage'

/** Stands as the source of what PostgreSQL gives of a row; the column is its place among the outputs. */
export const outputSource = -3

/** A query of which PostgreSQL runs one part, and functions run on the rows that it returns. */
export interface SplitQuery {
  /** The part of PostgreSQL; it selects what the rest reads. */
  readonly sql: QuerySpec
  /** Conditions over its outputs; all must be true. */
  readonly where: readonly ExpressionNode[]
  /** Null: PostgreSQL's order stands. */
  readonly orderBy: readonly OrderKey[] | null
  readonly select: readonly ExpressionNode[]
  /** Null and 0 where PostgreSQL cuts the page. */
  readonly limit: number | null
  readonly offset: number
  /** What is left to functions, as it was written. */
  readonly left: readonly LeftExpression[]
  /** The place of the row's id among the outputs; null for groups. */
  readonly id: number | null
}

export interface LeftExpression {
  readonly clause: 'where' | 'having' | 'orderBy' | 'select'
  readonly node: ExpressionNode
}

/** Null when PostgreSQL answers the whole query. EXPRESSION_INVALID where a function stands in a clause that only PostgreSQL can answer, as the order of pages. */
export function splitQuery(spec: QuerySpec, sources: QuerySources, isPaged: boolean = spec.after !== null): SplitQuery | null {
  const ofRows = spec.groupBy === null
  const isLeft = (node: ExpressionNode): boolean => notExpressible(node) !== undefined
  const [clause, conditions] = ofRows ? (['where', spec.where] as const) : (['having', spec.having] as const)
  const where = conditions.filter(isLeft)
  const isSorted = spec.orderBy.some(({ node }) => isLeft(node))
  const left: readonly LeftExpression[] = [
    ...where.map((node): LeftExpression => ({ clause, node })),
    ...spec.orderBy.flatMap(({ node }): readonly LeftExpression[] => (isLeft(node) ? [{ clause: 'orderBy', node }] : [])),
    ...spec.select.flatMap((node): readonly LeftExpression[] => (isLeft(node) ? [{ clause: 'select', node }] : [])),
  ]
  requireAnswerable(spec, sources)
  if (spec.distinctOn.length > 0) for (const node of where) throw notAnswerable(node)
  if (spec.distinctOn.length > 0 || isPaged) for (const { node } of spec.orderBy) if (isLeft(node)) throw notAnswerable(node)
  if (left.length === 0) return null
  const outputs = new Outputs()
  const remaining = conditions.filter((node) => !isLeft(node))
  const [{ source }] = sources
  const parts = {
    where: where.map((node) => outputs.over(node)),
    orderBy: isSorted ? spec.orderBy.map(({ node, direction }) => ({ node: outputs.over(node), direction })) : null,
    select: spec.select.map((node) => outputs.over(node)),
    id: ofRows ? outputs.add(columnNode('_id', { kind: 'int' }, source)) : null,
  }
  const cutsLater = where.length > 0 || isSorted
  return {
    ...parts,
    left,
    limit: cutsLater ? spec.limit : null,
    offset: cutsLater ? spec.offset : 0,
    sql: {
      ...spec,
      ...(ofRows ? { where: remaining } : { having: remaining }),
      ...(isSorted ? { orderBy: [] } : {}),
      ...(cutsLater ? { limit: null, offset: 0 } : {}),
      select: outputs.nodes,
    },
  }
}

/** What PostgreSQL gives of each row: the largest parts that it can evaluate. */
class Outputs {
  readonly nodes: ExpressionNode[] = []

  over(node: ExpressionNode): ExpressionNode {
    return mapNode(node, (inner) => {
      if (inner.node === 'literal') return inner
      if (notExpressible(inner) === undefined) return columnNode(String(this.add(inner)), inner.type, outputSource)
      if (inner.node === 'aggregate' || inner.node === 'subquery') throw notAnswerable(inner)
      return undefined
    })
  }

  add(node: ExpressionNode): number {
    const known = this.nodes.indexOf(node)
    return known === -1 ? this.nodes.push(node) - 1 : known
  }
}

/** Clauses that come before the rows are there. */
function requireAnswerable(spec: QuerySpec, sources: QuerySources): void {
  const isOfRows = spec.groupBy === null
  const joined = sources.flatMap(({ join }) => (join ? [join.on] : []))
  const nodes = [...joined, ...(spec.groupBy ?? []), ...spec.distinctOn, ...(spec.sample?.by ? [spec.sample.by] : []), ...(isOfRows ? [] : spec.where)]
  const alone = [...nodes, ...(spec.distinct ? [...spec.select, ...spec.where, ...spec.orderBy.map(({ node }) => node)] : [])]
  for (const node of alone) if (notExpressible(node) !== undefined) throw notAnswerable(node)
}

function notAnswerable(node: ExpressionNode): VivantError {
  const reason = notExpressible(node) ?? ''
  const columns = columnsOf(node).map(({ column }) => column)
  return new VivantError(
    'EXPRESSION_INVALID',
    `${describeNode(node)} stands where only PostgreSQL can answer (in a join, a group, an aggregate, distinct or a cursor), and ${reason}: make it a computed column.`,
    { details: { columns } },
  )
}
