import { VivantError } from '../error/vivant-error.ts'
import type { FunctionDefinition } from './function-definition.ts'

/** A function for messages. */
export function functionLabel(definition: Pick<FunctionDefinition, 'name'>): string {
  return definition.name ?? 'an unnamed function'
}

/** Throws TYPE_MISMATCH unless the number of arguments fits; those with a default may be missing at the end. */
export function checkArgumentCount(definition: Pick<FunctionDefinition, 'name' | 'inputs'>, args: readonly unknown[]): void {
  const { inputs } = definition
  const lastNeeded = inputs.findLastIndex((input) => !('defaultValue' in input)) + 1
  const isMissing = args.slice(0, lastNeeded).some((argument) => argument === undefined)
  if (args.length <= inputs.length && args.length >= lastNeeded && !isMissing) return
  const wanted = lastNeeded === inputs.length ? `${lastNeeded}` : `${lastNeeded} to ${inputs.length}`
  throw new VivantError(
    'TYPE_MISMATCH',
    `${functionLabel(definition)} takes ${wanted} argument(s), not ${args.filter((argument) => argument !== undefined).length}`,
  )
}
