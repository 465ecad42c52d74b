import { VivantError } from '../error/vivant-error.ts'
import { codeHash } from '../function/code-hash.ts'
import { defaultRetry, defaultTimeoutMs } from '../function/function-definition.ts'
import type { DataType } from '../value/data-type.ts'
import { describeType } from '../value/describe-type.ts'
import { describeValue } from '../value/describe-value.ts'
import type { IteratorDefinition } from './iterator-definition.ts'

/** The iterator behind `each` for lists of a type, made again from the type alone wherever it is needed; undefined for what is no list. */
export function eachDefinition(type: DataType): IteratorDefinition | undefined {
  if (type.kind !== 'array' && type.kind !== 'json') return undefined
  const element: DataType = type.kind === 'array' ? type.element : { kind: 'json' }
  const nullable = type.kind === 'json'
  // One name for each type: under a name stands one code.
  const name = `each ${describeType(type)}`
  const inputs = [Object.freeze({ type, nullable: false })]
  const output = { type: { kind: 'record', fields: { value: { type: element, nullable } } }, nullable: false } as const
  return Object.freeze({
    name,
    hash: codeHash({ name, code: items, inputs, output, version: '1' }),
    inputs,
    columns: Object.freeze([Object.freeze({ name: 'value', type: element, nullable, description: null })]),
    pool: 'default',
    concurrency: 8,
    timeoutMs: defaultTimeoutMs,
    retry: defaultRetry,
    code: items,
  })
}

function* items(list: unknown): Generator {
  if (!Array.isArray(list)) throw new VivantError('VALUE_INVALID', `each() takes a list, not ${describeValue(list)}`)
  for (const value of list as readonly unknown[]) yield { value }
}
