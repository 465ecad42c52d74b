import type { OperatorNode } from '../node.ts'
import type { OperatorEvaluator } from './evaluator.ts'
import { optionOf } from './operator-options.ts'
import { operandAt, strictBinary, strictUnary } from './strict.ts'

type Whole = bigint
/** The first whole number that numeric(20,0) does not hold. */
const bigintLimit = 10n ** 20n

export const numberEvaluators: Record<'add' | 'sub' | 'mul' | 'div' | 'mod' | 'abs' | 'round', OperatorEvaluator> = {
  add: arithmetic(
    (a, b) => finite(a + b),
    (a, b) => inRange(a + b),
  ),
  sub: arithmetic(
    (a, b) => finite(a - b),
    (a, b) => inRange(a - b),
  ),
  mul: arithmetic(
    (a, b) => finite(a * b),
    (a, b) => inRange(a * b),
  ),
  div: arithmetic(divide, (a, b) => (b === 0n ? null : a / b)),
  mod: arithmetic(remainder, (a, b) => (b === 0n ? null : a % b)),
  abs: (node, operands, context) =>
    (isBigint(node) ? strictUnary((a: Whole) => (a < 0n ? -a : a)) : strictUnary((a: number) => finite(Math.abs(a))))(node, operands, context),
  round: (node, operands, context) => {
    const scale = Number(`1e${optionOf(node, 'digits')}`)
    return strictUnary((a: number) => finite(roundHalfAway(a, scale)))(node, operands, context)
  },
}

function arithmetic(ofNumbers: (a: number, b: number) => number | null, ofBigints: (a: Whole, b: Whole) => Whole | null): OperatorEvaluator {
  const [numbers, bigints] = [strictBinary(ofNumbers), strictBinary(ofBigints)]
  return (node, operands, context) => (isBigint(node) ? bigints : numbers)(node, operands, context)
}

function isBigint(node: OperatorNode): boolean {
  return operandAt(node.operands, 0).type.kind === 'bigint'
}

/** Null for what is not finite. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

function inRange(value: Whole): Whole | null {
  return value < bigintLimit && value > -bigintLimit ? value : null
}

function divide(a: number, b: number): number | null {
  // x ÷ ∞ would be 0, a finite result of no finite number
  return b === 0 || !Number.isFinite(b) ? null : finite(a / b)
}

/** In the steps that the SQL form takes, not `%`, which is exact where these round. */
function remainder(a: number, b: number): number | null {
  const quotient = divide(a, b)
  if (quotient === null) return null
  const product = finite(Math.trunc(quotient) * b)
  return product === null ? null : finite(a - product)
}

function roundHalfAway(a: number, scale: number): number {
  const y = a * scale
  // From 2^52 on every float is whole; also where y overflows.
  if (!(Math.abs(y) < 2 ** 52)) return a
  const whole = Math.trunc(y)
  return (whole + (Math.abs(y - whole) >= 0.5 ? Math.sign(y) : 0)) / scale
}
