import type { FunctionDefinition } from '../../function/function-definition.ts'
import type { CallNode, ExpressionNode, OperatorNode } from '../node.ts'

export interface NullabilityFacts {
  /** Whether a column may be null once its row is complete. */
  readonly column: (name: string) => boolean
  readonly functions: Iterable<FunctionDefinition>
}

/** Whether an expression may be null when its inputs are there, as its static type says it: what a computed column declares. */
export function isNodeNullable(node: ExpressionNode, facts: NullabilityFacts): boolean {
  switch (node.node) {
    case 'column':
      return facts.column(node.column)
    case 'literal':
      return node.value === null
    case 'object':
    case 'history':
      return false
    case 'cell':
      return node.property !== 'status'
    case 'subquery':
      return node.form === 'value'
    case 'aggregate':
      return !['count', 'countDistinct', 'list', 'listWithNulls'].includes(node.aggregate)
    case 'rollUp':
      return isNodeNullable(node.aggregate, facts)
    case 'call':
      return isCallNullable(node, facts)
    default:
      return isOperatorNullable(node, facts)
  }
}

/** A null for an argument that does not take it makes the result null. */
function isCallNullable(node: CallNode, facts: NullabilityFacts): boolean {
  const definition = [...facts.functions].find(({ hash }) => hash === node.function.hash)
  if (definition === undefined || definition.output.nullable) return true
  return node.operands.some((operand, index) => definition.inputs[index]?.nullable === false && isNodeNullable(operand, facts))
}

function isOperatorNullable(node: OperatorNode, facts: NullabilityFacts): boolean {
  switch (node.operator) {
    case 'isNull':
      return false
    case 'orElse':
      return node.operands.every((operand) => isNodeNullable(operand, facts))
    case 'when':
      return node.operands.slice(1).some((operand) => isNodeNullable(operand, facts))
    // What these look for may not be there.
    case 'div':
    case 'mod':
    case 'jsonAt':
    case 'jsonAs':
    case 'arrayAt':
    case 'similarity':
    case 'distance':
      return true
    case 'mediaProperty':
      return (
        !['metadata', 'sizeBytes', 'mimeType'].includes(String(node.options?.['property'])) || node.operands.some((operand) => isNodeNullable(operand, facts))
      )
    case 'field': {
      const [record] = node.operands
      const field = record?.type.kind === 'record' ? record.type.fields[String(node.options?.['name'])] : undefined
      return field?.nullable !== false || node.operands.some((operand) => isNodeNullable(operand, facts))
    }
    default:
      return node.operands.some((operand) => isNodeNullable(operand, facts))
  }
}
