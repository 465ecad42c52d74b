import { type Children, type ChildrenOptions, createChildren, type Schema, type TableDefinition } from '@vivant/core'
import type { UserTransaction } from '@vivant/storage'
import { refresh } from '../media/refresh.ts'
import { backfillOf, type BackfillHandle } from '../observe/backfill-handle.ts'
import { cell, type CellReport } from '../observe/cell.ts'
import { type CellFailure, failures, type FailuresOptions } from '../observe/failures.ts'
import { recompute } from '../observe/recompute.ts'
import { retry, type RetryOptions, type RetryResult } from '../observe/retry.ts'
import type { RunResult } from '../observe/run-result.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { clientOf } from '../write/run-transaction.ts'
import { type ColumnLineage, lineage } from './lineage.ts'
import { startStep } from './pending-table-impl.ts'
import type { RecomputeOptions, Table, TableRows } from './table.ts'
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

  of(row: unknown, options?: ChildrenOptions): Children<Schema> {
    return createChildren(this.table, row, options)
  }

  using(transaction: UserTransaction): TableRows<Schema> {
    return createTableRows(this.runtime, this.table, clientOf(transaction))
  }

  failures(options?: FailuresOptions): Promise<readonly CellFailure[]> {
    return failures(this.runtime, this.name, options)
  }

  retry(options?: RetryOptions): Promise<RetryResult> {
    return retry(this.runtime, this.name, options)
  }

  async recompute(column: string, { where, ...options }: RecomputeOptions<Schema> = {}): Promise<RunResult> {
    const rows = typeof where === 'function' ? this.matchingIds(where) : where
    return recompute(this.runtime, this.name, column, { ...options, ...(rows && { where: rows }) })
  }

  async refresh(column: string, { where, ...options }: RecomputeOptions<Schema> = {}): Promise<RunResult> {
    const rows = typeof where === 'function' ? this.matchingIds(where) : where
    return refresh(this.runtime, this.name, column, { ...options, ...(rows && { where: rows }) })
  }

  cell(id: number, column: string): Promise<CellReport> {
    return cell(this.runtime, this.name, id, column)
  }

  backfill(column: string): BackfillHandle {
    return backfillOf(this.runtime, this.name, column)
  }

  lineage(): Promise<readonly ColumnLineage[]> {
    return lineage(this.runtime, this.name)
  }
}
