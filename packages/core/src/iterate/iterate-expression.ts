import { mergeFunctions } from '../expression/parse-operand.ts'
import { parseArguments } from '../function/parse-arguments.ts'
import { iterateNode } from './iterate-node.ts'
import { createIteration, type Iteration } from './iteration.ts'
import type { IteratorDefinition } from './iterator-definition.ts'

/** A call of an iterator as what a view is made of. */
export function iterateExpression(definition: IteratorDefinition, args: readonly unknown[]): Iteration {
  const operands = parseArguments(definition, args)
  const node = iterateNode(
    { name: definition.name ?? '', hash: definition.hash },
    operands.map((operand) => operand.node),
    definition.columns,
  )
  return createIteration({ node, iterator: definition, functions: mergeFunctions(operands) })
}
