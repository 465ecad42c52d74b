import { createExpression } from '../expression/create-expression.ts'
import { callNode } from '../expression/create-node.ts'
import type { Expression } from '../expression/expression.ts'
import { mergeFunctions } from '../expression/parse-operand.ts'
import type { FunctionDefinition } from './function-definition.ts'
import { parseArguments } from './parse-arguments.ts'

/** A call as an expression. */
export function callExpression(definition: FunctionDefinition, args: readonly unknown[]): Expression {
  const operands = parseArguments(definition, args)
  const reference = { name: definition.name ?? '', hash: definition.hash }
  const node = callNode(
    reference,
    operands.map((operand) => operand.node),
    definition.output.type,
  )
  return createExpression(node, new Set([definition, ...mergeFunctions(operands)]))
}
