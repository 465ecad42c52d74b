import type { Column } from '../../column/column.ts'
import { VivantError } from '../../error/vivant-error.ts'
import { describeValue } from '../../value/describe-value.ts'
import { plainEntries } from '../../value/plain-object.ts'
import type { ArrayDataType, DataType, DataTypeKind } from '../../value/data-type.ts'
import type { ArrayType, RecordType } from '../../value/value-type.ts'
import type { ArrayExpression } from '../array-expression.ts'
import { createExpression } from '../create-expression.ts'
import { historyNode } from '../create-node.ts'
import type { Expression } from '../expression.ts'
import { expressionState } from '../expression-state.ts'
import { validateName } from '../../schema/validate-name.ts'
import type { ColumnNode, ExpressionNode, HistoryNode } from '../node.ts'
import { isReservedField } from '../record-fields.ts'
import { describeNode } from '../tree/describe-node.ts'
import { isNodeNullable } from '../tree/node-nullability.ts'
import { walkNodes } from '../tree/walk-nodes.ts'
import { type OwnResult, ownResult, ownResultColumn } from './own-result.ts'
import { tableOfRow } from './table-of-row.ts'

/** More would have to be in memory for each group that is worked on. */
const maxRows = 10_000

export interface HistoryOptions<R, X> {
  /** Rows with equal values are a group; nulls are equal. Left out: the whole table is one. */
  readonly by?: (row: R) => Expression | readonly Expression[]
  /** The order in a group. Equal values are ordered by `_id`, nulls come last. */
  readonly orderBy: (row: R) => Expression
  /** So many rows at most, 1 to 10,000. A row that comes late costs the computation of at least so many behind it. */
  readonly last: number
  /** What is read of each earlier row; `self` is what this column gave for it. */
  readonly select: (earlier: R, self: OwnResult) => X
}

type FieldColumn<X> = X extends Expression<infer T, infer N> ? Column<T, [N] extends [never] ? never : 'nullable'> : never

/**
 * The rows of the same group that come before this one, the oldest first, for functions of computed columns:
 *
 * ```ts
 * const assign = udf({
 *   name: 'assign',
 *   input: [t.json<Box>(), t.array(t.record({ box: t.json<Box>(), track: t.int().nullable() }))],
 *   output: t.int(),
 * }, (box, earlier) => nearest(box, earlier)?.track ?? nextTrack(earlier))
 *
 * frames.addComputedColumn('track', (r) => assign(r.box, history(r, {
 *   by: (r) => r.camera, orderBy: (r) => r.at, last: 20,
 *   select: (e, self) => ({ box: e.box, track: self(assign) }),
 * })))
 * ```
 *
 * The rows of a group are computed one after the other, in order, and again from where a row arrives late, changes, moves or goes. That
 * ends where `last` rows running came out as they were: a late row costs `last` + 1 calls if results do not change, and one for each
 * row behind it as long as they do. An earlier row with a null in a field that is never null (its cell failed) is passed over.
 *
 * `by` and `orderBy` are stored columns of the table. Throws EXPRESSION_INVALID where they are not, for a `last` below 1, for functions
 * inside `select`, and for rows of queries; TYPE_MISMATCH for an order by a type without one.
 */
export function history<R extends object, X extends { readonly [name: string]: Expression }>(
  row: R,
  options: HistoryOptions<R, X>,
): ArrayExpression<ArrayType<RecordType<{ readonly [K in keyof X]: FieldColumn<X[K]> }>>, never> {
  const isNullable = tableOfRow(row)?.isNullable
  if (!isNullable) throw invalid('takes the row that the callback of a computed column is given')
  const { by, orderBy, last, select } = options
  if (!Number.isSafeInteger(last) || last < 1 || last > maxRows) throw invalid(`needs last: 1 to ${maxRows} rows, not ${describeValue(last)}`)
  const groups = by?.(row) ?? []
  const keys = (Array.isArray(groups) ? (groups as readonly Expression[]) : [groups as Expression]).map((key) => keyColumn(key, 'by', groupedKinds))
  const entries = plainEntries(select(row, ownResult as unknown as OwnResult))
  if (!entries || [...entries].length === 0) throw invalid('needs select: an object of expressions over the earlier row')
  const fields = [...entries].map(([name, value]) => [fieldName(name), fieldNode(name, value)] as const)
  const facts = { column: (name: string) => name === ownResultColumn || isNullable(name), functions: [] }
  const type: ArrayDataType = {
    kind: 'array',
    element: { kind: 'record', fields: Object.fromEntries(fields.map(([name, node]) => [name, { type: node.type, nullable: isNodeNullable(node, facts) }])) },
  }
  const node = historyNode({ by: keys, orderBy: keyColumn(orderBy(row), 'orderBy', orderedKinds), last, fields: Object.fromEntries(fields) }, type)
  return createExpression(node) as never
}

const orderedKinds: ReadonlySet<DataTypeKind> = new Set(['int', 'float', 'bigint', 'text', 'enum', 'timestamp', 'date', 'uuid'])
const groupedKinds: ReadonlySet<DataTypeKind> = new Set([...orderedKinds, 'boolean'])

function keyColumn(key: Expression, place: 'by' | 'orderBy', kinds: ReadonlySet<DataTypeKind>): ColumnNode {
  const { node } = expressionState(key)
  if (node.node !== 'column') throw invalid(`takes stored columns for ${place}, not ${describeNode(node)}: store what it computes, or leave it out`)
  if (!kinds.has(node.type.kind)) throw mismatch(node.type, place, node)
  return node
}

function mismatch(type: DataType, place: string, node: ColumnNode): VivantError {
  const lack = place === 'by' ? 'equality' : 'order'
  return new VivantError('TYPE_MISMATCH', `history(): ${place} cannot be ${describeNode(node)}, as ${type.kind} has no ${lack}`, {
    details: { column: node.column },
  })
}

function fieldName(name: string): string {
  validateName(name, 'field')
  if (isReservedField(name)) throw new VivantError('NAME_INVALID', `a field cannot be called '${name}': expressions have a method of that name`)
  return name
}

function fieldNode(name: string, value: unknown): ExpressionNode {
  const { node } = expressionState(value)
  for (const inner of walkNodes(node))
    if (isElsewhere(inner)) throw invalid(`cannot select ${describeNode(inner)} as '${name}': make it a column of its own and select that`)
  return node
}

/** What is not known when an earlier row is read again: results of functions, and what lies outside the row. */
function isElsewhere(node: ExpressionNode): boolean {
  return (
    ['call', 'cell', 'history', 'aggregate', 'subquery'].includes(node.node) || (node.node === 'operator' && ['mediaProperty', 'now'].includes(node.operator))
  )
}

function invalid(reason: string): VivantError {
  return new VivantError('EXPRESSION_INVALID', `history() ${reason}`)
}

/** The histories in an expression. */
export function historiesIn(node: ExpressionNode): readonly HistoryNode[] {
  return [...walkNodes(node)].filter((inner) => inner.node === 'history')
}
