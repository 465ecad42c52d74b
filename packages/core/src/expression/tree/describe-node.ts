import { describeType } from '../../value/describe-type.ts'
import type { AggregateNode, ExpressionNode, HistoryNode, LiteralNode, OperatorNode } from '../node.ts'
import { viewOfExpansion } from '../expansion-column.ts'
import { writtenColumnName } from '../parent-column.ts'

/** An expression as a user would write it, for messages and `status`: `image.resize(picture, {"width":320})`, `brightness.lt(40)`. */
export function describeNode(node: ExpressionNode): string {
  switch (node.node) {
    case 'column':
      return writtenColumnName(node.column)
    case 'cell':
      return `${writtenColumnName(node.column)}.cell.${node.property}`
    case 'literal':
      return describeLiteral(node)
    case 'call':
      return `${node.function.name === '' ? '(unnamed function)' : node.function.name}(${node.operands.map(describeNode).join(', ')})`
    case 'object':
      return `obj({ ${Object.entries(node.fields)
        .map(([name, field]) => `${name}: ${describeNode(field)}`)
        .join(', ')} })`
    case 'subquery':
      return `${node.form === 'exists' ? 'exists' : 'subquery'}(${node.tables.map(({ table }) => table).join(', ')})`
    case 'aggregate':
      return describeAggregate(node)
    case 'rollUp':
      return `${viewOfExpansion(node.rows.column)}.of(row${node.wait === 'all' ? ", { wait: 'all' }" : ''}).${describeAggregate(node.aggregate)}`
    case 'history':
      return describeHistory(node)
    default:
      return describeOperator(node)
  }
}

const maxLiteralLength = 60

function describeLiteral(node: LiteralNode): string {
  const text = JSON.stringify(node.value)
  return text.length > maxLiteralLength ? `${text.slice(0, maxLiteralLength - 1)}…` : text
}

/** The operators whose name in the API is another, or that are no methods. */
function describeOperator({ operator, operands, options = {}, type }: OperatorNode): string {
  const parts = operands.map(describeNode)
  const [first = '', ...rest] = parts
  const method = (name: string, ...args: readonly unknown[]) => `${first}.${name}(${[...rest, ...args.map((value) => JSON.stringify(value))].join(', ')})`
  switch (operator) {
    case 'now':
      return 'now()'
    case 'when':
      return `when(${parts.join(', ')})`
    case 'template': {
      const [head = '', ...texts] = options['strings'] as readonly string[]
      return `prompt\`${head}${texts.map((text, index) => `\${${parts[index]}}${text}`).join('')}\``
    }
    case 'in':
      return `${first}.in([${rest.join(', ')}])`
    case 'cast':
      return `${first}.cast(${describeType(type)})`
    case 'jsonAs':
      return `${first}.as(${describeType(type)})`
    case 'jsonAt':
      return method('at', ...(options['path'] as readonly unknown[]))
    case 'field':
      return `${first}.${String(options['name'])}`
    case 'mediaProperty':
      return `${first}.${String(options['property'])}`
    case 'arrayAt':
      return method('at', options['index'])
    case 'arrayLength':
      return method('length')
    case 'arrayContains':
      return method('contains')
    case 'addDuration':
      return method('add', options['duration'])
    case 'subDuration':
      return method('sub', options['duration'])
    default:
      return method(operator, ...Object.values(options).filter((value) => value !== null))
  }
}

function describeAggregate({ aggregate, operands, filter, orderBy }: AggregateNode): string {
  const [operand] = operands
  if (operand === undefined) return filter === null ? 'count()' : `count(${describeNode(filter)})`
  const keys = orderBy.map(({ node, direction }) => `.orderBy(${describeNode(node)}${direction === 'desc' ? ", 'desc'" : ''})`)
  return `${describeNode(operand)}${filter === null ? '' : `.where(${describeNode(filter)})`}${keys.join('')}.${aggregate}()`
}

function describeHistory({ by, orderBy, last, fields }: HistoryNode): string {
  const group = by.length === 0 ? '' : `by ${by.map(describeNode).join(', ')}, `
  return `history({ ${Object.keys(fields).join(', ')} } of the last ${last} rows, ${group}in order of ${describeNode(orderBy)})`
}
