import { VivantError } from '../error/vivant-error.ts'
import type { FunctionDefinition } from '../function/function-definition.ts'
import type { DataType } from '../value/data-type.ts'
import { describeType } from '../value/describe-type.ts'
import { describeValue } from '../value/describe-value.ts'
import { encodeJson } from '../value/encode-json.ts'
import { isCompatibleType } from '../value/same-type.ts'
import { validateValue } from '../value/validate-value.ts'
import { literalNode } from './create-node.ts'
import { expressionState, isExpression } from './expression-state.ts'
import type { ExpressionNode } from './node.ts'
import { describeNode } from './tree/describe-node.ts'
import { typeOfValue } from './type-of-value.ts'

export interface Operand {
  readonly node: ExpressionNode
  readonly functions: ReadonlySet<FunctionDefinition>
}

/**
 * The one place where what a user gives, a value or an expression, becomes a node of the wanted type. Throws TYPE_MISMATCH, naming
 * what was given and where (`place`: `lt() of brightness`); VALUE_INVALID for a value of the right sort that its type refuses.
 */
export function parseOperand(input: unknown, wanted: DataType, place: string): Operand {
  if (isExpression(input)) return checkedExpression(input, wanted, place)
  if (input === null || input === undefined) {
    throw new VivantError('TYPE_MISMATCH', `${place} takes ${describeType(wanted)}, not ${input}; null is asked for with isNull()`)
  }
  return literalOperand(input, wanted, place)
}

/** As `parseOperand`, where null is a value too. */
export function parseNullableOperand(input: unknown, wanted: DataType, place: string): Operand {
  return input === null ? { node: literalNode(null, wanted), functions: noFunctions } : parseOperand(input, wanted, place)
}

/** A value or an expression where no type is wanted: the value's own decides. */
export function parseFreeOperand(input: unknown): Operand {
  if (isExpression(input)) return expressionState(input)
  const type = typeOfValue(input)
  return { node: literalNode(encodeJson(type, validateValue(input, type, '')), type), functions: noFunctions }
}

export function mergeFunctions(operands: readonly Operand[]): ReadonlySet<FunctionDefinition> {
  const used = operands.filter((operand) => operand.functions.size > 0)
  return used.length === 0 ? noFunctions : new Set(used.flatMap((operand) => [...operand.functions]))
}

export const noFunctions: ReadonlySet<FunctionDefinition> = new Set()

function checkedExpression(input: unknown, wanted: DataType, place: string): Operand {
  const { node, functions } = expressionState(input)
  if (isCompatibleType(node.type, wanted)) return { node, functions }
  throw new VivantError('TYPE_MISMATCH', `${place} takes ${describeType(wanted)}, not ${describeType(node.type)} (${describeNode(node)})`)
}

function literalOperand(input: unknown, wanted: DataType, place: string): Operand {
  if (wanted.kind === 'json') refuseHiddenExpression(input, place)
  try {
    return { node: literalNode(encodeJson(wanted, validateValue(input, wanted, '')), wanted), functions: noFunctions }
  } catch (error) {
    if (!(error instanceof VivantError)) throw error
    const isOtherSort = error.code === 'VALUE_INVALID' && error.message.startsWith(describeValue(input))
    const message = isOtherSort ? `${place} takes ${describeType(wanted)}, not ${describeValue(input)}` : `${place}: ${error.message}`
    throw new VivantError(isOtherSort ? 'TYPE_MISMATCH' : error.code, message, { cause: error, details: error.details })
  }
}

/** Throws TYPE_MISMATCH for a JSON value with an expression inside: it would be taken for plain data. */
export function refuseHiddenExpression(value: unknown, place: string): void {
  if (!containsExpression(value, 0)) return
  throw new VivantError('TYPE_MISMATCH', `${place}: an expression inside a JSON value: build the object with obj({ … })`)
}

function containsExpression(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null || depth > 20) return false
  return isExpression(value) || Object.values(value).some((item) => containsExpression(item, depth + 1))
}
