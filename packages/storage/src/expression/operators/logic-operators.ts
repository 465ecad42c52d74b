import { sql } from 'kysely'
import { pgType } from '../../value/pg-type.ts'
import { fragmentAt, operandAt } from '../operand.ts'
import type { Fragment, SqlOperator } from '../sql-operator.ts'
import type { OperatorNode } from '@vivant/core'

export const logicOperators: Record<'and' | 'or' | 'not' | 'isNull' | 'orElse' | 'when', SqlOperator> = {
  and: { compile: (_node, operands) => sql`(${fragmentAt(operands, 0)} and ${fragmentAt(operands, 1)})` },
  or: { compile: (_node, operands) => sql`(${fragmentAt(operands, 0)} or ${fragmentAt(operands, 1)})` },
  not: { compile: (_node, operands) => sql`(not ${fragmentAt(operands, 0)})` },
  isNull: { compile: (_node, operands) => sql`(${fragmentAt(operands, 0)} is null)` },
  orElse: { compile: (node, operands) => sql`coalesce(${asResult(node, operands, 0)}, ${asResult(node, operands, 1)})` },
  when: {
    compile: (node, operands) => sql`case when ${fragmentAt(operands, 0)} then ${asResult(node, operands, 1)} else ${asResult(node, operands, 2)} end`,
  },
}

/** A branch in the type of the whole: int beside float. */
function asResult(node: OperatorNode, operands: readonly Fragment[], index: number): Fragment {
  const fragment = fragmentAt(operands, index)
  const [from, to] = [pgType(operandAt(node, index).type), pgType(node.type)]
  return from === to ? fragment : sql`${fragment}::${sql.raw(to)}`
}
