import { VivantError } from '../error/vivant-error.ts'
import { functionLabel } from './call-arguments.ts'
import type { FunctionDefinition } from './function-definition.ts'
import { parsePlainArguments } from './parse-arguments.ts'
import { standaloneContext } from './standalone-context.ts'
import { validateOutput } from './validate-output.ts'

/**
 * Runs a function for one row, outside any table: what calling it with plain values does, for tests and scripts. Arguments and result are
 * checked as in a column; the result comes back as the code gave it.
 */
export function runStandalone(definition: FunctionDefinition, args: readonly unknown[]): unknown {
  const values = parsePlainArguments(definition, args)
  if (values === null) return null
  const code = definition.code as (...args: readonly unknown[]) => unknown
  const result = definition.batch === null ? code(...values, standaloneContext) : code(...values.map((value) => [value]), standaloneContext)
  return isPromiseLike(result) ? Promise.resolve(result).then((settled) => rowResult(definition, settled)) : rowResult(definition, result)
}

function rowResult(definition: FunctionDefinition, result: unknown): unknown {
  const row = definition.batch === null ? result : onlyItem(definition, result)
  validateOutput(row, definition)
  return row
}

function onlyItem(definition: FunctionDefinition, result: unknown): unknown {
  if (!Array.isArray(result) || result.length !== 1) {
    const given = Array.isArray(result) ? `${result.length} results` : 'no array'
    throw new VivantError('RESULT_COUNT', `${functionLabel(definition)} was given a batch of 1 and returned ${given}`)
  }
  if (result[0] instanceof Error) throw result[0]
  return result[0]
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
