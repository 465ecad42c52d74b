import { VivantError } from '../../error/vivant-error.ts'
import type { DataType } from '../../value/data-type.ts'
import { parseDataType } from '../../value/parse-data-type.ts'
import { plainEntries } from '../../value/plain-object.ts'
import { cellPropertyTypes } from '../create-column-expression.ts'
import { type AggregateName, aggregateArity } from '../aggregate/aggregate-name.ts'
import { aggregateNode, callNode, cellNode, columnNode, historyNode, literalNode, objectNode, operatorNode, rollUpNode } from '../create-node.ts'
import type { CellProperty, ColumnNode, ExpressionNode, OrderKey } from '../node.ts'
import { operatorArity } from '../operator-arity.ts'
import type { OperatorName } from '../operator-name.ts'

/** A node from its JSON (already parsed), as the catalog has it. Throws EXPRESSION_INVALID, naming the place, when it is none. */
export function parseNode(json: unknown, path: string = 'expression'): ExpressionNode {
  const fields = new Map(plainEntries(json) ?? invalid(path, 'is not an object'))
  const text = (name: string) => textAt(fields.get(name), `${path}.${name}`)
  const type = (): DataType => parseDataType(fields.get('type'), `${path}.type`)
  const nodes = (name: string) => nodesAt(fields.get(name), `${path}.${name}`)
  const kind = fields.get('node')
  switch (kind) {
    case 'column':
      return columnNode(text('column'), type(), sourceAt(fields.get('source'), path))
    case 'cell': {
      const property = text('property')
      if (!Object.hasOwn(cellPropertyTypes, property)) return invalid(path, `there is no cell property '${property}'`)
      return cellNode(text('column'), property as CellProperty, type(), sourceAt(fields.get('source'), path))
    }
    case 'literal':
      return fields.has('value') ? literalNode(fields.get('value'), type()) : invalid(path, 'has no value')
    case 'operator': {
      const operands = nodes('operands')
      return operatorNode(operatorAt(text('operator'), operands.length, path), operands, type(), optionsAt(fields.get('options'), path))
    }
    case 'call': {
      const reference = new Map(plainEntries(fields.get('function')) ?? invalid(path, 'has no function'))
      const part = (name: string) => textAt(reference.get(name), `${path}.function.${name}`)
      return callNode({ name: part('name'), hash: part('hash') }, nodes('operands'), type())
    }
    case 'aggregate': {
      const operands = nodes('operands')
      const filter = fields.get('filter') ?? null
      return aggregateNode(aggregateAt(text('aggregate'), operands.length, path), operands, type(), {
        filter: filter === null ? null : parseNode(filter, `${path}.filter`),
        orderBy: orderKeysAt(fields.get('orderBy') ?? [], `${path}.orderBy`),
      })
    }
    case 'rollUp': {
      const [rows, aggregate, wait] = [parseNode(fields.get('rows'), `${path}.rows`), parseNode(fields.get('aggregate'), `${path}.aggregate`), text('wait')]
      if (rows.node !== 'column' || aggregate.node !== 'aggregate') return invalid(path, 'is no aggregate over the rows of a view')
      return wait === 'all' || wait === 'none' ? rollUpNode(rows, aggregate, wait) : invalid(path, `waits for '${wait}'`)
    }
    case 'object': {
      const entries = plainEntries(fields.get('fields')) ?? invalid(path, 'has no fields')
      return objectNode(Object.fromEntries(entries.map(([name, field]) => [name, parseNode(field, `${path}.${name}`)])))
    }
    case 'history': {
      const entries = plainEntries(fields.get('fields')) ?? invalid(path, 'has no fields')
      const arrayType = type()
      const last = fields.get('last')
      if (arrayType.kind !== 'array' || typeof last !== 'number') return invalid(path, 'is no history')
      return historyNode(
        {
          by: nodes('by').map((node, index) => columnAt(node, `${path}.by[${index}]`)),
          orderBy: columnAt(parseNode(fields.get('orderBy'), `${path}.orderBy`), `${path}.orderBy`),
          last,
          fields: Object.fromEntries(entries.map(([name, field]) => [name, parseNode(field, `${path}.${name}`)])),
        },
        arrayType,
      )
    }
    default:
      return invalid(path, `there is no node '${String(kind)}'`)
  }
}

function columnAt(node: ExpressionNode, path: string): ColumnNode {
  return node.node === 'column' ? node : invalid(path, 'is not a column')
}

function operatorAt(name: string, operands: number, path: string): OperatorName {
  if (!Object.hasOwn(operatorArity, name)) return invalid(path, `there is no operator '${name}'`)
  const operator = name as OperatorName
  const arity = operatorArity[operator]
  return arity === 'any' || arity === operands ? operator : invalid(path, `${operator} has ${operands} operands instead of ${arity}`)
}

function aggregateAt(name: string, operands: number, path: string): AggregateName {
  if (!Object.hasOwn(aggregateArity, name)) return invalid(path, `there is no aggregate '${name}'`)
  const aggregate = name as AggregateName
  return aggregateArity[aggregate].includes(operands) ? aggregate : invalid(path, `${aggregate} cannot have ${operands} operands`)
}

function orderKeysAt(json: unknown, path: string): readonly OrderKey[] {
  if (!Array.isArray(json)) return invalid(path, 'is not an array')
  return json.map((item: unknown, index) => {
    const fields = new Map(plainEntries(item) ?? invalid(`${path}[${index}]`, 'is not an object'))
    const direction = fields.get('direction')
    if (direction !== 'asc' && direction !== 'desc') return invalid(`${path}[${index}]`, 'goes neither asc nor desc')
    return { node: parseNode(fields.get('node'), `${path}[${index}].node`), direction }
  })
}

function nodesAt(json: unknown, path: string): readonly ExpressionNode[] {
  return Array.isArray(json) ? json.map((item: unknown, index) => parseNode(item, `${path}[${index}]`)) : invalid(path, 'is not an array')
}

function optionsAt(json: unknown, path: string): Readonly<Record<string, unknown>> | undefined {
  return json === undefined ? undefined : Object.fromEntries(plainEntries(json) ?? invalid(path, 'has options that are not an object'))
}

function sourceAt(json: unknown, path: string): number {
  return typeof json === 'number' && Number.isSafeInteger(json) && json >= 0 ? json : invalid(path, 'has no source')
}

function textAt(json: unknown, path: string): string {
  return typeof json === 'string' ? json : invalid(path, 'is not a text')
}

function invalid(path: string, reason: string): never {
  throw new VivantError('EXPRESSION_INVALID', `${path}: ${reason}`, { details: { path } })
}
