import type { HasChildren, HasSchema, Schema } from '@vivant/core'
import type { Alterable } from './alterable.ts'
import type { Table } from './table.ts'

/**
 * A table that is being made or altered: await it, or go on describing it. The work begins at once; each call runs after the one before it.
 * When one fails, those after it do not run, and awaiting the last one gives the error.
 */
export interface PendingTable<in out S extends Schema> extends HasSchema<S>, Alterable<S>, HasChildren<S>, PromiseLike<Table<S>> {
  readonly name: S['name']
}
