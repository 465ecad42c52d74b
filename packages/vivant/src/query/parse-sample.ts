import { describeValue, type Expression, expressionNode, type SampleClause, VivantError } from '@vivant/core'
import { parseRowCount } from './query-state.ts'

/** What `sample` was given. Throws VALUE_INVALID. */
export function parseSample(given: unknown, rows: readonly unknown[]): SampleClause {
  if (typeof given !== 'object' || given === null) return { count: parseRowCount(given, 'sample()', 0), fraction: null, by: null, seed: 0 }
  const { count, fraction, by, seed = 0 } = given as Readonly<Record<string, unknown>>
  if ((count === undefined) === (fraction === undefined)) throw invalid('takes a number of rows, { count } or { fraction }', given)
  if (!Number.isSafeInteger(seed)) throw invalid('takes a whole number as its seed', seed)
  if (fraction !== undefined && !(typeof fraction === 'number' && fraction >= 0 && fraction <= 1)) throw invalid('takes a fraction from 0 to 1', fraction)
  return {
    count: count === undefined ? null : parseRowCount(count, 'count of sample()', 0),
    fraction: fraction ?? null,
    by: typeof by === 'function' ? expressionNode((by as (...all: readonly unknown[]) => Expression)(...rows)) : null,
    seed: seed as number,
  }
}

function invalid(what: string, value: unknown): VivantError {
  return new VivantError('VALUE_INVALID', `sample() ${what}, not ${describeValue(value)}.`, { details: { value } })
}
