import { VivantError } from '../error/vivant-error.ts'
import { decodeJson } from '../value/decode-json.ts'
import { encodeJson } from '../value/encode-json.ts'
import { plainObject } from '../value/plain-object.ts'
import { evaluateCast } from './evaluate/cast.ts'
import { comparisonEvaluators } from './evaluate/comparison.ts'
import type { EvaluationContext, Evaluator, OperatorEvaluator } from './evaluate/evaluator.ts'
import { logicEvaluators } from './evaluate/logic.ts'
import { numberEvaluators } from './evaluate/numbers.ts'
import { structureEvaluators } from './evaluate/structures.ts'
import { textEvaluators } from './evaluate/text.ts'
import { timeEvaluators } from './evaluate/times.ts'
import { vectorEvaluators } from './evaluate/vectors.ts'
import type { ExpressionNode, ObjectNode } from './node.ts'
import type { OperatorName } from './operator-name.ts'
import { describeNode } from './tree/describe-node.ts'

const operators: Record<OperatorName, OperatorEvaluator> = {
  ...comparisonEvaluators,
  ...logicEvaluators,
  ...numberEvaluators,
  ...textEvaluators,
  ...structureEvaluators,
  ...timeEvaluators,
  ...vectorEvaluators,
  cast: evaluateCast,
  mediaProperty: (node, operands, context) => context.lookup(node, operands),
}

/**
 * Compiles an expression into a closure over the rows of a batch. What it gives is what the SQL form of the same expression
 * gives (storage's `compileExpression`); a generated test holds the two together.
 *
 * Only a cast can throw (VALUE_INVALID): for that row, the others can still be evaluated.
 *
 * @example
 * const columns = new Map([['score', [0.5, 0.9, null]]])
 * const passes = compileEvaluator(node, { column: ({ column }) => { const values = columns.get(column)!; return (row) => values[row] }, … })
 * for (let row = 0; row < 3; row++) passes(row)
 */
export function compileEvaluator(node: ExpressionNode, context: EvaluationContext): Evaluator {
  switch (node.node) {
    case 'column':
      return context.column(node)
    case 'cell':
      return context.cell(node)
    case 'call':
      return context.call(node)
    case 'literal': {
      const value = decodeJson(node.type, node.value)
      return () => value
    }
    case 'object':
      return compileObject(node, context)
    case 'rollUp':
      if (context.rollUp) return context.rollUp(node)
      throw overManyRows(node)
    case 'aggregate':
    case 'subquery':
    case 'history':
      throw overManyRows(node)
    case 'operator': {
      const operator = operators[node.operator] as OperatorEvaluator | undefined
      if (operator === undefined) throw new VivantError('EXPRESSION_INVALID', `There is no operator '${node.operator}'.`)
      return operator(
        node,
        node.operands.map((operand) => compileEvaluator(operand, context)),
        context,
      )
    }
    default:
      node satisfies never
      throw new VivantError('EXPRESSION_INVALID', `There is no node '${JSON.stringify(node)}'.`)
  }
}

function overManyRows(node: ExpressionNode): VivantError {
  return new VivantError('EXPRESSION_INVALID', `${describeNode(node)} is over many rows, which only PostgreSQL sees.`)
}

function compileObject(node: ObjectNode, context: EvaluationContext): Evaluator {
  const fields = Object.entries(node.fields).map(([name, field]) => ({ name, type: field.type, evaluate: compileEvaluator(field, context) }))
  return (row) => plainObject(fields.map(({ name, type, evaluate }) => [name, encodeJson(type, evaluate(row))]))
}
