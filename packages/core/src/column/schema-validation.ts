import type { StandardSchemaV1 } from '@standard-schema/spec'
import { VivantError } from '../error/vivant-error.ts'
import { invalidValue } from '../value/invalid-value.ts'

/** A Standard Schema as a function that returns the accepted value or throws VALUE_INVALID with the schema's reasons. */
export function schemaValidation(schema: StandardSchemaV1): (value: unknown) => unknown {
  return (value) => {
    const result = schema['~standard'].validate(value)
    if (result instanceof Promise) {
      result.catch(() => undefined)
      throw new VivantError(
        'CONFIGURATION_INVALID',
        `the ${schema['~standard'].vendor} schema validates asynchronously, which a column cannot: use a synchronous one`,
      )
    }
    if (result.issues === undefined) return result.value
    throw invalidValue('', result.issues.map((issue) => [pathOf(issue.path), issue.message].filter(Boolean).join(': ')).join('; '))
  }
}

function pathOf(path: StandardSchemaV1.Issue['path']): string {
  return (path ?? []).map((step) => String(typeof step === 'object' ? step.key : step)).join('.')
}
