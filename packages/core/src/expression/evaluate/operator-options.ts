import { VivantError } from '../../error/vivant-error.ts'
import type { Duration } from '../duration.ts'
import type { OperatorNode } from '../node.ts'

/** The constants of operators that are no values, by the names that the table of operators gives them. */
export interface OperatorOptions {
  readonly digits: number
  readonly pattern: string
  readonly from: string
  readonly to: string
  readonly separator: string
  readonly strings: readonly string[]
  readonly path: readonly (string | number)[]
  readonly name: string
  readonly index: number
  readonly field: 'year' | 'month' | 'day' | 'dayOfWeek' | 'hour' | 'minute' | 'second' | 'epoch'
  readonly duration: Duration
  readonly metric: 'cosine' | 'l2' | 'innerProduct'
}

/** An option that the builder has put there; a tree from elsewhere may lack it. */
export function optionOf<K extends keyof OperatorOptions>(node: OperatorNode, name: K): OperatorOptions[K] {
  const value = node.options?.[name]
  if (value === undefined) throw new VivantError('EXPRESSION_INVALID', `The operator ${node.operator} lacks its option '${name}'.`)
  return value as OperatorOptions[K]
}
