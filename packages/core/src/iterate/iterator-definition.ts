import type { FunctionDefinition, OutputDefinition } from '../function/function-definition.ts'

/** A user's iterator as the engine sees it: as a function's, but that each call gives many items, each a row of columns. */
export interface IteratorDefinition extends Omit<FunctionDefinition, 'batch' | 'memo' | 'output'> {
  readonly columns: readonly IteratorColumn[]
}

/** A column of the items; `validate` is code and never in the catalog. */
export interface IteratorColumn extends OutputDefinition {
  readonly name: string
  readonly description: string | null
}
