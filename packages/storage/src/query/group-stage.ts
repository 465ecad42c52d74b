import { type AggregateNode, columnNode, describeNode, type ExpressionNode, mapNode, serializeNode, VivantError } from '@vivant/core'
import { sql } from 'kysely'
import { compileAggregate } from '../expression/compile-aggregate.ts'
import { compileExpression } from '../expression/compile-expression.ts'
import { byCodePoint, isJson, isText } from '../expression/operand.ts'
import type { Fragment } from '../expression/sql-operator.ts'
import { collated } from './clause-sql.ts'
import { afterCondition } from './keyset.ts'
import type { QueryContext } from './query-context.ts'
import type { QuerySpec } from './query-spec.ts'
import type { Stage } from './stage.ts'

/** Stands as the source of what the rows of a group give: keys and aggregates. */
const groupSource = -2

/**
 * Groups of rows. What keys and aggregates read is worked out in a subquery below the grouping, as PostgreSQL does not see that two
 * expressions with parameters are the same; the planner takes the subquery away.
 *
 * @example
 * select g._k0, count(*) from (select date_trunc(…) as _k0 from "sales" t where …) g group by g._k0 having …
 */
export class GroupStage implements Stage {
  readonly #rows: QueryContext
  readonly #keys: readonly ExpressionNode[]
  readonly #keyForms: ReadonlySet<string>
  readonly #having: readonly Fragment[]
  /** The rows' expressions by their form, each once. */
  readonly #outputs = new Map<string, { readonly name: string; readonly fragment: Fragment }>()
  readonly #rowsBody: () => Fragment

  constructor(rows: QueryContext, spec: QuerySpec, rowsBody: () => Fragment) {
    this.#rows = rows
    this.#rowsBody = rowsBody
    this.#keys = spec.groupBy ?? []
    this.#keyForms = new Set(this.#keys.map(serializeNode))
    for (const key of this.#keys) this.#output(key)
    this.#having = [...spec.having.map((node) => this.compile(node)), ...this.#place(spec)]
  }

  compile(node: ExpressionNode): Fragment {
    const parts: Fragment[] = []
    const ofGroup = mapNode(node, (inner) => {
      if (inner.node === 'aggregate') return inner
      if (this.#keyForms.has(serializeNode(inner))) return columnNode(String(parts.push(this.#output(inner)) - 1), inner.type, groupSource)
      if (inner.node === 'column' || inner.node === 'cell') throw notGrouped(inner)
      return undefined
    })
    return compileExpression(ofGroup, {
      column: ({ column }) => parts[Number(column)] ?? sql`null`,
      cell: (inner) => {
        throw notGrouped(inner)
      },
      lookup: (inner) => {
        throw notGrouped(inner)
      },
      aggregate: (aggregate) => this.#aggregate(aggregate),
    })
  }

  body(): Fragment {
    const { root } = this.#rows
    const outputs = [...this.#outputs.values()].map(({ name, fragment }) => sql`${fragment} as ${sql.raw(name)}`)
    const keys = this.#keys.map((key) => this.#output(key))
    const having = this.#having.length === 0 ? sql`` : sql`\nhaving ${sql.join(this.#having, sql` and `)}`
    return sql`\nfrom (select ${sql.join([...outputs, sql`${root.id} as _id`], sql.raw(', '))}${this.#rowsBody()}) g\ngroup by ${keys.length === 0 ? sql`()` : sql.join(keys)}${having}`
  }

  #place(spec: QuerySpec): readonly Fragment[] {
    // a place among what distinct() leaves is found further up
    if (spec.after === null || spec.distinct || spec.distinctOn.length > 0) return []
    const keys = spec.orderBy.map(({ node }) => collated(node, this.compile(node)))
    return afterCondition(spec, keys, () => false)
  }

  #aggregate(node: AggregateNode): Fragment {
    const [operand] = node.operands
    return compileAggregate(node, {
      operand: operand && this.#output(operand),
      filter: node.filter && this.#output(node.filter),
      orderBy: node.orderBy.map((key) => (isText(key.node.type) ? byCodePoint(this.#output(key.node)) : this.#output(key.node))),
      id: sql.raw('g._id'),
    })
  }

  /** An expression of the rows below, by its name above. */
  #output(node: ExpressionNode): Fragment {
    const form = serializeNode(node)
    const known = this.#outputs.get(form)
    const name = known?.name ?? `_g${this.#outputs.size}`
    if (!known) {
      const fragment = this.#rows.compile(node)
      // a JSON null is a null wherever an expression reads it
      this.#outputs.set(form, { name, fragment: isJson(node.type) ? sql`nullif(${fragment}, 'null'::jsonb)` : fragment })
    }
    return sql.raw(`g.${name}`)
  }
}

function notGrouped(node: ExpressionNode): VivantError {
  return new VivantError('EXPRESSION_INVALID', `${describeNode(node)} is no key of the group: add it to groupBy(), or take an aggregate of it.`)
}
