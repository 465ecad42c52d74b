import { freezeDeep } from '../value/freeze-deep.ts'
import type { DataType } from '../value/data-type.ts'
import type { ExpressionNode } from '../expression/node.ts'

/** A call of an iterator: what a view is made of. Not an expression, as it has many values a row. The code is found by name and hash. */
export interface IterateNode {
  readonly node: 'iterate'
  readonly iterator: IteratorReference
  readonly operands: readonly ExpressionNode[]
  /** What each item has, in the order of declaration. */
  readonly columns: readonly IteratedColumn[]
}
export interface IteratorReference {
  readonly name: string
  readonly hash: string
}
export interface IteratedColumn {
  readonly name: string
  readonly type: DataType
  readonly nullable: boolean
}

export function iterateNode(iterator: IteratorReference, operands: readonly ExpressionNode[], columns: readonly IteratedColumn[]): IterateNode {
  return freezeDeep({ node: 'iterate', iterator, operands, columns: columns.map(({ name, type, nullable }) => ({ name, type, nullable })) })
}
