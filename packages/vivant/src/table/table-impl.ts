import type { Schema, TableDefinition } from '@vivant/core'
import type { UserTransaction } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'
import { clientOf } from '../write/run-transaction.ts'
import { startStep } from './pending-table-impl.ts'
import type { Table, TableRows } from './table.ts'
import { createTableRows, TableRowsImpl } from './table-rows-impl.ts'
import { tableVerbs } from './table-steps.ts'

/** The handle of a table as this program declared it. */
export function createTableHandle<S extends Schema>(runtime: Runtime, table: TableDefinition): Table<S> {
  return new TableImpl(runtime, table) as unknown as Table<S>
}

class TableImpl extends TableRowsImpl {
  static {
    for (const verb of tableVerbs)
      Object.defineProperty(this.prototype, verb, {
        value(this: TableImpl, ...args: readonly unknown[]) {
          return startStep(this.runtime, this.table, verb, args, createTableHandle)
        },
      })
  }

  using(transaction: UserTransaction): TableRows<Schema> {
    return createTableRows(this.runtime, this.table, clientOf(transaction))
  }
}
