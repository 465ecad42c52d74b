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
  const { columns } = definition
  const unknown = entries.find(([name, value]) => value !== undefined && !columns.some((column) => column.name === name))?.[0]
  if (unknown !== undefined) {
    const names = columns.map((column) => column.name)
    throw invalid(definition, `yielded '${unknown}', which is not among its columns: ${nearestName(unknown, names) ?? names.join(', ')}`)
  }
  const label = functionLabel(definition)
  return plainObject(
    columns.map((column) => {
      // no map: there are few
      const value = entries.find(([name]) => name === column.name)?.[1]
      return [column.name, validateOutput(value, { name: `${label}.${column.name}`, output: column })]
    }),
  )
}

function invalid(definition: IteratorDefinition, reason: string): VivantError {
  return new VivantError('OUTPUT_INVALID', `${functionLabel(definition)} ${reason}`, { details: { function: definition.name } })
}
