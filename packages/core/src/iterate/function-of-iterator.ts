import type { CallNode } from '../expression/node.ts'
import type { FunctionDefinition } from '../function/function-definition.ts'
import { eachDefinition } from './each-definition.ts'
import type { IteratorDefinition } from './iterator-definition.ts'

interface IteratingFunction extends FunctionDefinition {
  readonly iterator: IteratorDefinition
}

/** An iterator among a process's functions: found, timed and retried as they are. Its result is all of its items. */
export function functionOfIterator(iterator: IteratorDefinition): FunctionDefinition {
  const fields = Object.fromEntries(iterator.columns.map(({ name, type, nullable }) => [name, { type, nullable }]))
  const output = { type: { kind: 'array', element: { kind: 'record', fields } }, nullable: false } as const
  const definition: IteratingFunction = { ...iterator, output, batch: null, memo: false, iterator }
  return Object.freeze(definition)
}

/** What every process can run without having been given it: `each`, made again from the type of its list. */
export function builtInFunction({ function: { name, hash }, operands: [list] }: CallNode): FunctionDefinition | undefined {
  const each = list && eachDefinition(list.type)
  return each?.name === name && each.hash === hash ? functionOfIterator(each) : undefined
}

/** The iterator behind such a function; undefined for any other. */
export function iteratorOf(definition: FunctionDefinition): IteratorDefinition | undefined {
  return 'iterator' in definition ? (definition as IteratingFunction).iterator : undefined
}
