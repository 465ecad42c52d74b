import type { DataType, ExpressionNode, OperatorNode } from '@vivant/core'
import { VivantError } from '@vivant/core'
import { sql } from 'kysely'
import { isJsonArray } from '../value/pg-type.ts'
import type { Fragment } from './sql-operator.ts'

/** An operand's SQL, which the builder has put there; a tree from elsewhere may lack it. */
export function fragmentAt(operands: readonly Fragment[], index: number): Fragment {
  return operands[index] ?? missing(index)
}

export function operandAt(node: OperatorNode, index: number): ExpressionNode {
  return node.operands[index] ?? missing(index)
}

/** The type of an operator's first operand: what it is about. */
export function subjectType(node: OperatorNode): DataType {
  return operandAt(node, 0).type
}

/** Whether values of a type are jsonb, where a JSON null stands for null. */
export function isJson(type: DataType): boolean {
  return type.kind === 'json' || type.kind === 'record' || isJsonArray(type)
}

export function isText(type: DataType): boolean {
  return type.kind === 'text' || type.kind === 'enum'
}

/** By code point, whatever the collation of the database is. */
export function byCodePoint(fragment: Fragment): Fragment {
  return sql`(${fragment} collate "C")`
}

function missing(index: number): never {
  throw new VivantError('EXPRESSION_INVALID', `An operator lacks its operand ${index + 1}.`)
}
