import { VivantError } from '../error/vivant-error.ts'
import { nearestName } from '../expression/nearest-name.ts'
import { functionLabel } from '../function/call-arguments.ts'
import { validateOutput } from '../function/validate-output.ts'
import { describeValue } from '../value/describe-value.ts'
import { plainEntries, plainObject } from '../value/plain-object.ts'
import type { IteratorDefinition } from './iterator-definition.ts'

/**
 * What an iterator yielded as the engine stores it: every column in order. OUTPUT_INVALID with the reason and the column. Media come back as
 * the code gave them: the engine takes them in.
 */
export function validateItem(item: unknown, definition: IteratorDefinition): Readonly<Record<string, unknown>> {
  const entries = plainEntries(item)
  if (entries === undefined) throw invalid(definition, `yielded ${describeValue(item)} instead of an object of columns`)
  const names = definition.columns.map((column) => column.name)
  const unknown = entries.find(([name, value]) => value !== undefined && !names.includes(name))?.[0]
  if (unknown !== undefined) {
    throw invalid(definition, `yielded '${unknown}', which is not among its columns: ${nearestName(unknown, names) ?? names.join(', ')}`)
  }
  const given = new Map(entries)
  return plainObject(
    definition.columns.map((column) => [
      column.name,
      validateOutput(given.get(column.name), { name: `${functionLabel(definition)}.${column.name}`, output: column }),
    ]),
  )
}

function invalid(definition: IteratorDefinition, reason: string): VivantError {
  return new VivantError('OUTPUT_INVALID', `${functionLabel(definition)} ${reason}`, { details: { function: definition.name } })
}
