import type { TableDefinition } from '@vivant/core'

const tableKey: unique symbol = Symbol.for('vivant.table') as never

/** So that `tableDefinition(handle)` gives the data of a handle as that of a definition: in `join`, in `references`, in `db.table`. */
export function markDefinition(handle: object, table: TableDefinition): void {
  Object.defineProperty(handle, tableKey, { value: table })
}
