import type { RecordColumns } from '../column/column.ts'
import { VivantError } from '../error/vivant-error.ts'
import type { FunctionDefinition } from '../function/function-definition.ts'
import { describeValue } from '../value/describe-value.ts'
import type { IterateNode } from './iterate-node.ts'
import type { IteratorDefinition } from './iterator-definition.ts'

declare const iterationColumns: unique symbol

/** An iterator called with expressions: the rows of a view, `C` their columns. */
export interface Iteration<out C extends RecordColumns = RecordColumns> {
  readonly [iterationColumns]: C
}
/** The columns of an iteration's rows. */
export type ColumnsOfIteration<X> = X extends Iteration<infer C> ? C : never

/** What an iteration holds: its frozen node, the iterator's code, and the code of the calls in its arguments. */
export interface IterationState {
  readonly node: IterateNode
  readonly iterator: IteratorDefinition
  readonly functions: ReadonlySet<FunctionDefinition>
}

// Registered, so that two copies of this package in one process understand each other's iterations.
const stateKey: unique symbol = Symbol.for('vivant.iteration') as never

export function createIteration(state: IterationState): Iteration {
  return Object.freeze(Object.defineProperty({}, stateKey, { value: Object.freeze(state) })) as Iteration
}

export function isIteration(value: unknown): value is Iteration {
  return typeof value === 'object' && value !== null && stateKey in value
}

/** The state of an iteration; TYPE_MISMATCH for anything else. */
export function iterationState(iteration: unknown): IterationState {
  if (isIteration(iteration)) return (iteration as unknown as { readonly [stateKey]: IterationState })[stateKey]
  throw new VivantError('TYPE_MISMATCH', `a call of an iterator is expected, such as each(row.tags), not ${describeValue(iteration)}`)
}
