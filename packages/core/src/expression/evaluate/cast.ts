import { VivantError } from '../../error/vivant-error.ts'
import type { DataType } from '../../value/data-type.ts'
import { decodeJson } from '../../value/decode-json.ts'
import { describeType } from '../../value/describe-type.ts'
import { encodeJson } from '../../value/encode-json.ts'
import { textForm } from '../../value/text-form.ts'
import { validateValue } from '../../value/validate-value.ts'
import { type CastRule, castRule } from '../cast-rule.ts'
import { dateText, dayNumber } from './calendar.ts'
import type { OperatorEvaluator } from './evaluator.ts'
import { operandAt, strictUnary } from './strict.ts'
import { trimAscii } from './trim-ascii.ts'

export const evaluateCast: OperatorEvaluator = (node, operands, context) => {
  const [from, to] = [operandAt(node.operands, 0).type, node.type]
  const rule = castRule(from, to)
  if (rule === undefined) throw new VivantError('EXPRESSION_INVALID', `There is no cast from ${describeType(from)} to ${describeType(to)}.`)
  return strictUnary((value: unknown) => converters[rule](value, from, to))(node, operands, context)
}

/** One converter for each rule of `castRule`. Throws VALUE_INVALID when a value does not convert. */
const converters: Record<CastRule, (value: unknown, from: DataType, to: DataType) => unknown> = {
  same: (value) => value,
  text: (value, from) => textForm(from, value),
  json: (value, from) => encodeJson(from, value),
  widen: widen,
  day: (value) => dateText((value as Date).getTime()),
  narrow,
  parse: (value, _from, to) => validateValue(parse(trimAscii(value as string), to), to, ''),
  read: (value, _from, to) => decodeJson(to, value),
}

function widen(value: unknown, from: DataType, to: DataType): unknown {
  if (to.kind === 'bigint') return BigInt(value as number)
  if (from.kind === 'date') return new Date(dayNumber(value as string))
  return from.kind === 'vector' ? Array.from(value as Float32Array) : Number(value)
}

function narrow(value: unknown, from: DataType, to: DataType): unknown {
  if (from.kind === 'bigint') return validateValue(Number(value), to, '')
  if (from.kind === 'array') return validateValue(value, to, '')
  const whole = Math.trunc(value as number)
  const rounded = whole + (Math.abs((value as number) - whole) >= 0.5 ? Math.sign(value as number) : 0)
  // NaN and infinities stay as they are, and are refused.
  return validateValue(to.kind === 'bigint' && Number.isFinite(rounded) ? BigInt(rounded) : rounded, to, '')
}

const numberPattern = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|Infinity|NaN)$/

/** What `validateValue` then accepts, or refuses: a text that is nothing of the kind stays a text. */
function parse(text: string, to: DataType): unknown {
  switch (to.kind) {
    case 'int':
    case 'float':
      return numberPattern.test(text) ? Number(text) : text
    case 'bigint':
      return /^[+-]?\d{1,20}$/.test(text) ? BigInt(text.replace(/^\+/, '')) : text
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text
    default:
      return text
  }
}
