import { VivantError } from '../error/vivant-error.ts'
import { functionLabel } from '../function/call-arguments.ts'
import { parsePlainArguments } from '../function/parse-arguments.ts'
import { standaloneContext } from '../function/standalone-context.ts'
import { describeValue } from '../value/describe-value.ts'
import type { IteratorDefinition } from './iterator-definition.ts'
import { validateItem } from './validate-item.ts'

/**
 * Iterates outside any table: what calling an iterator with plain values does, for tests and scripts. Arguments and items are checked as in
 * a view; an item comes as the code gave it.
 */
export function iterateStandalone(definition: IteratorDefinition, args: readonly unknown[]): Generator | AsyncGenerator {
  const values = parsePlainArguments(definition, args)
  if (values === null) return nothing()
  const code = definition.code as (...args: readonly unknown[]) => unknown
  const items = code(...values, standaloneContext)
  if (isAsyncIterable(items)) return checkedAsync(definition, items)
  if (isIterable(items)) return checked(definition, items)
  throw new VivantError('OUTPUT_INVALID', `${functionLabel(definition)} returned ${describeValue(items)} instead of a generator or an array`, {
    details: { function: definition.name },
  })
}

function* checked(definition: IteratorDefinition, items: Iterable<unknown>): Generator {
  for (const item of items) {
    validateItem(item, definition)
    yield item
  }
}

async function* checkedAsync(definition: IteratorDefinition, items: AsyncIterable<unknown>): AsyncGenerator {
  for await (const item of items) {
    validateItem(item, definition)
    yield item
  }
}

/** Whether the code is asynchronous is not known without calling it: this ends in either kind of loop. */
function nothing(): Generator {
  return Object.assign([].values() as unknown as Generator, { [Symbol.asyncIterator]: () => [].values() })
}

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

export function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value
}
