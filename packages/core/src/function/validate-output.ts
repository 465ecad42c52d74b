import { VivantError } from '../error/vivant-error.ts'
import { isMediaType } from '../value/data-type.ts'
import { validateValue } from '../value/validate-value.ts'
import { functionLabel } from './call-arguments.ts'
import type { FunctionDefinition } from './function-definition.ts'

/**
 * A function's result as the engine stores it (`validateValue`), or OUTPUT_INVALID with the reason. Media come back as the code gave them,
 * a handle or bytes: the engine takes them in.
 */
export function validateOutput(result: unknown, definition: Pick<FunctionDefinition, 'name' | 'output'>): unknown {
  const { type, nullable, validate } = definition.output
  if (result === null || result === undefined) {
    if (nullable) return null
    throw outputInvalid(definition, `is ${result}, and its output is not nullable`)
  }
  if (isMediaType(type)) return result
  try {
    const value = validateValue(result, type, '')
    return validate === undefined ? value : validateValue(validate(value), type, '')
  } catch (error) {
    throw outputInvalid(definition, error instanceof Error ? error.message : String(error), error)
  }
}

function outputInvalid(definition: Pick<FunctionDefinition, 'name'>, reason: string, cause?: unknown): VivantError {
  return new VivantError('OUTPUT_INVALID', `the result of ${functionLabel(definition)}: ${reason}`, { cause, details: { function: definition.name } })
}
