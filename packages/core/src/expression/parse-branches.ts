import { VivantError } from '../error/vivant-error.ts'
import type { DataType } from '../value/data-type.ts'
import { describeType } from '../value/describe-type.ts'
import { commonType } from './common-type.ts'
import { literalNode } from './create-node.ts'
import { expressionNode, isExpression } from './expression-state.ts'
import { noFunctions, type Operand, parseOperand } from './parse-operand.ts'
import { typeOfValue } from './type-of-value.ts'

/** Operands that must have one type, which the first expression (or else the first value) decides; null adapts. TYPE_MISMATCH otherwise. */
export function parseBranches(inputs: readonly unknown[], place: string): { readonly operands: readonly Operand[]; readonly type: DataType } {
  const anchor = inputs.find(isExpression) ?? inputs.find((input) => input !== null && input !== undefined)
  if (anchor === undefined) throw new VivantError('TYPE_MISMATCH', `${place}: null on all sides has no type`)
  const wanted = isExpression(anchor) ? expressionNode(anchor).type : typeOfValue(anchor)
  const parsed = inputs.map((input) => (input === null ? null : parseOperand(input, branchType(input, wanted), place)))
  const type = parsed.reduce<DataType>((common, operand) => (operand === null ? common : unify(common, operand.node.type, place)), wanted)
  return { type, operands: parsed.map((operand) => operand ?? { node: literalNode(null, type), functions: noFunctions }) }
}

/** A whole number beside a fraction makes both float; each is first taken as what it is. */
function branchType(input: unknown, wanted: DataType): DataType {
  const isNumber = wanted.kind === 'int' || wanted.kind === 'float'
  return isNumber && typeof input === 'number' ? typeOfValue(input) : wanted
}

function unify(a: DataType, b: DataType, place: string): DataType {
  const type = commonType(a, b)
  if (type === undefined) throw new VivantError('TYPE_MISMATCH', `${place}: ${describeType(a)} and ${describeType(b)} are two types`)
  return type
}
