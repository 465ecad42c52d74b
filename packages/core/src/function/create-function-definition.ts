import type { AnyColumn, RecordColumns } from '../column/column.ts'
import { innerColumnSpec, isColumn } from '../column/column-spec.ts'
import { columnRules } from '../column/column-validation.ts'
import { t } from '../column/t.ts'
import { VivantError } from '../error/vivant-error.ts'
import { codeHash } from './code-hash.ts'
import { defaultRetry, defaultTimeoutMs, type FunctionDefinition, type OutputDefinition, type ParameterDefinition } from './function-definition.ts'
import type { FunctionOptions } from './function-options.ts'

/** Calls under way at once in a process, where a function does not say: enough to wait for a service, few enough to be polite to it. */
const defaultConcurrency = { rows: 8, batches: 2 }

/** A function as the engine sees it. Throws FUNCTION_NEEDS_VERSION, TYPE_MISMATCH and CONFIGURATION_INVALID for what cannot be one. */
export function createFunctionDefinition(options: FunctionOptions, code: (...args: never[]) => unknown): FunctionDefinition {
  const name = options.name ?? (code.name === '' ? null : code.name)
  const inputs = options.input.map((column, index) => parameter(column, `argument ${index + 1} of ${name ?? 'a function'}`))
  const output = outputOf(options.output, name)
  return Object.freeze({
    name,
    hash: codeHash({ name, code, inputs, output, version: options.version }),
    inputs: Object.freeze(inputs),
    output,
    batch: positive(options.batch, 'batch') ?? null,
    pool: options.pool ?? 'default',
    concurrency: positive(options.concurrency, 'concurrency') ?? (options.batch === undefined ? defaultConcurrency.rows : defaultConcurrency.batches),
    timeoutMs: positive(options.timeoutMs, 'timeoutMs') ?? defaultTimeoutMs,
    retry: Object.freeze({ ...defaultRetry, ...options.retry }),
    memo: options.memo ?? false,
    code,
  })
}

function parameter(column: AnyColumn, place: string): ParameterDefinition {
  const { type, nullable, defaultValue } = innerColumnSpec(column, place)
  return Object.freeze({ type, nullable, ...(defaultValue !== undefined && { defaultValue }) })
}

function outputOf(output: AnyColumn | RecordColumns, name: string | null): OutputDefinition {
  const spec = innerColumnSpec(isColumn(output) ? output : t.record(output), `the result of ${name ?? 'a function'}`)
  const validate = columnRules(spec)
  return Object.freeze({ type: spec.type, nullable: spec.nullable, ...(validate && { validate }) })
}

function positive(value: number | undefined, option: string): number | undefined {
  if (value === undefined || (Number.isSafeInteger(value) && value > 0)) return value
  throw new VivantError('CONFIGURATION_INVALID', `${option} is a whole number from 1, not ${value}`)
}
