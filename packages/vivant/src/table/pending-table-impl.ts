import { type Children, type ChildrenOptions, createChildren, type Schema, type TableDefinition } from '@vivant/core'
import type { Runtime } from '../runtime/runtime.ts'
import type { PendingTable } from './pending-table.ts'
import type { Table } from './table.ts'
import { TableChain, type TableChange } from './table-chain.ts'
import { markDefinition } from './mark-definition.ts'
import { type TableStep, tableSteps, type TableVerb, tableVerbs } from './table-steps.ts'

/** Makes the handle of a table: given from outside, as such a handle begins chains itself. */
export type CreateHandle = (runtime: Runtime, table: TableDefinition) => Table<Schema>

/** Begins a chain with what is done first; gives the handle of the table as it is then. */
export function startChain<S extends Schema>(runtime: Runtime, table: TableDefinition, change: TableChange, createHandle: CreateHandle): PendingTable<S> {
  return new PendingTableImpl(new TableChain(runtime, table, change, null), createHandle) as unknown as PendingTable<S>
}

/** The first call on a table that stands. */
export function startStep(
  runtime: Runtime,
  table: TableDefinition,
  verb: TableVerb,
  args: readonly unknown[],
  createHandle: CreateHandle,
): PendingTable<Schema> {
  return new PendingTableImpl(nextChain(runtime, table, null, verb, args), createHandle) as unknown as PendingTable<Schema>
}

type AnyStep = (runtime: Runtime, table: TableDefinition, ...args: readonly unknown[]) => TableStep

/** An error in a callback is kept, and the handle rejects with it: a throw would abandon what is under way already. */
function nextChain(runtime: Runtime, table: TableDefinition, before: TableChain | null, verb: TableVerb, args: readonly unknown[]): TableChain {
  try {
    const step = (tableSteps[verb] as AnyStep)(runtime, table, ...args)
    return new TableChain(runtime, step.table, step.change, before)
  } catch (error) {
    const fail = async (): Promise<never> => {
      throw error
    }
    return new TableChain(runtime, table, { run: fail }, before)
  }
}

/** The types are in the interface; the class only forwards. */
class PendingTableImpl {
  readonly name: string
  readonly #chain: TableChain
  readonly #createHandle: CreateHandle

  static {
    const define = (verb: string, value: (this: PendingTableImpl, ...args: never[]) => unknown): void =>
      void Object.defineProperty(this.prototype, verb, { value })
    for (const verb of tableVerbs)
      define(verb, function (...args: readonly unknown[]) {
        const { runtime, table } = this.#chain
        return new PendingTableImpl(nextChain(runtime, table, this.#chain, verb, args), this.#createHandle)
      })
    define('then', function (onReady: (table: Table<Schema>) => unknown, onFailed: (error: unknown) => unknown) {
      const { runtime, table, done } = this.#chain
      return done.then(() => this.#createHandle(runtime, table)).then(onReady, onFailed)
    })
  }

  constructor(chain: TableChain, createHandle: CreateHandle) {
    this.name = chain.table.name
    this.#chain = chain
    this.#createHandle = createHandle
    markDefinition(this, chain.table)
  }

  of(row: unknown, options?: ChildrenOptions): Children<Schema> {
    return createChildren(this.#chain.table, row, options)
  }
}
