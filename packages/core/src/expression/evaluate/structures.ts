import type { DataType } from '../../value/data-type.ts'
import { decodeJson } from '../../value/decode-json.ts'
import { equality } from './comparison.ts'
import type { OperatorEvaluator } from './evaluator.ts'
import { optionOf } from './operator-options.ts'
import { binaryEvaluator, operandAt, strictUnary } from './strict.ts'

/** JSON, records and arrays. */
export const structureEvaluators: Record<'jsonAt' | 'jsonAs' | 'field' | 'arrayAt' | 'arrayLength' | 'arrayContains', OperatorEvaluator> = {
  jsonAt: (node, operands, context) => {
    const path = optionOf(node, 'path')
    return strictUnary((a: unknown) => follow(a, path))(node, operands, context)
  },
  jsonAs: (node, operands, context) => strictUnary(jsonReader(node.type))(node, operands, context),
  field: (node, operands, context) => {
    const name = optionOf(node, 'name')
    return strictUnary((a: Readonly<Record<string, unknown>>) => (Object.hasOwn(a, name) ? (a[name] ?? null) : null))(node, operands, context)
  },
  arrayAt: (node, operands, context) => {
    const index = optionOf(node, 'index')
    return strictUnary((a: readonly unknown[]) => a[index] ?? null)(node, operands, context)
  },
  arrayLength: strictUnary((a: readonly unknown[]) => a.length),
  arrayContains: (node, operands) => {
    const equal = equality(elementType(operandAt(node.operands, 0).type, operandAt(node.operands, 1).type))
    return binaryEvaluator(operands, (a: readonly unknown[], element: unknown) => a.some((item) => item !== null && equal(item as never, element as never)))
  },
}

function elementType(array: DataType, element: DataType): DataType {
  return element.kind === 'float' || array.kind !== 'array' ? element : array.element
}

function follow(json: unknown, path: readonly (string | number)[]): unknown {
  let at = json
  for (const step of path) {
    if (typeof at !== 'object' || at === null) return null
    if (Array.isArray(at) !== (typeof step === 'number') || !Object.hasOwn(at, step)) return null
    at = (at as Readonly<Record<string | number, unknown>>)[step]
  }
  return at ?? null
}

/** Reads JSON as a value of a type: null when it is none. */
function jsonReader(type: DataType): (json: unknown) => unknown {
  switch (type.kind) {
    case 'json':
      return (json) => json
    case 'text':
      return (json) => (typeof json === 'string' ? json : null)
    case 'boolean':
      return (json) => (typeof json === 'boolean' ? json : null)
    case 'int':
      return (json) => (Number.isSafeInteger(json) ? json : null)
    case 'float':
      // A number that JSON can say and a float cannot, such as 1e400, is parsed as Infinity.
      return (json) => (typeof json === 'number' ? (Number.isFinite(json) ? json : null) : acceptedOrNull(type, json))
    default:
      return (json) => acceptedOrNull(type, json)
  }
}

function acceptedOrNull(type: DataType, json: unknown): unknown {
  try {
    return decodeJson(type, json)
  } catch {
    return null
  }
}
