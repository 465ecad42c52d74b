import { createExpression } from '../expression/create-expression.ts'
import { callNode, literalNode } from '../expression/create-node.ts'
import type { Expression } from '../expression/expression.ts'
import { mergeFunctions, noFunctions, type Operand, parseNullableOperand } from '../expression/parse-operand.ts'
import { checkArgumentCount, functionLabel } from './call-arguments.ts'
import type { FunctionDefinition } from './function-definition.ts'

/** A call as an expression: every input has an operand, also those left out (their default). */
export function callExpression(definition: FunctionDefinition, args: readonly unknown[]): Expression {
  checkArgumentCount(definition, args)
  const operands = definition.inputs.map((input, index): Operand => {
    const given = args[index]
    if (given === undefined) return { node: literalNode(input.defaultValue, input.type), functions: noFunctions }
    return parseNullableOperand(given, input.type, `argument ${index + 1} of ${functionLabel(definition)}`)
  })
  const reference = { name: definition.name ?? '', hash: definition.hash }
  const node = callNode(
    reference,
    operands.map((operand) => operand.node),
    definition.output.type,
  )
  return createExpression(node, new Set([definition, ...mergeFunctions(operands)]))
}
