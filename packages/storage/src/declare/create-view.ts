import type { TableDefinition } from '@vivant/core'
import { widenCapture } from '../capture/arm-table.ts'
import { readTable } from '../catalog/read-catalog.ts'
import { type TableModel, viewColumns } from '../catalog/table-model.ts'
import type { Database } from '../connection/database.ts'
import type { SqlTransaction } from '../connection/sql-client.ts'
import { makeTable, type ViewParts } from '../ddl/create-table.ts'
import { quoteName, quoteText } from '../ddl/quote.ts'
import { insertColumn } from './add-columns.ts'
import type { ColumnDeclaration } from './column-declaration.ts'
import { lockTable } from './lock-table.ts'
import { openPublication } from './publication.ts'
import { lockTimeoutMs, retryOnLock } from './retry-on-lock.ts'

/**
 * Makes a view's table and the first commit of the expansion that fills it: a column of the parent, published like any other by
 * `finishPublication`. Gives the operation that does it. `made` are the columns that the expansion fills, the position among them.
 */
export async function createView(
  database: Database,
  parentId: number,
  {
    definition,
    made,
    declarations,
  }: { readonly definition: TableDefinition; readonly made: readonly string[]; readonly declarations: readonly ColumnDeclaration[] },
  timeoutMs: number,
): Promise<number> {
  return retryOnLock(`Creating the view ${definition.name}`, timeoutMs, () =>
    database.transaction(
      async (tx) => {
        const before = await lockTable(tx, parentId)
        const columnIds: number[] = []
        for (const declaration of declarations) columnIds.push(await insertColumn(tx, before, declaration))
        await makeTable(tx, before.schemaName, definition, viewParts(before, columnIds.at(-1)!))
        await guardView(tx, before, definition.name, made)
        await widenCapture(tx, (await readTable(tx, parentId))!)
        return openPublication(tx, parentId, { added: columnIds, replaced: [] })
      },
      { lockTimeoutMs },
    ),
  )
}

function viewParts(parent: TableModel, expansionId: number): ViewParts {
  const { parent: parentColumn, content } = viewColumns
  return {
    expansionId,
    columns: [{ name: parentColumn, type: { kind: 'int' }, nullable: false }],
    sql: [
      `${parentColumn} bigint not null references ${quoteName(parent.schemaName, parent.name)} (${quoteName(parent.idColumn)}) on update cascade on delete cascade`,
      `${content} uuid not null`,
    ],
  }
}

/** What the iterator makes cannot be written by others; the view's own columns can. */
async function guardView(tx: SqlTransaction, parent: TableModel, view: string, made: readonly string[]): Promise<void> {
  const table = quoteName(parent.schemaName, view)
  const columns = [viewColumns.parent, viewColumns.content, ...made]
  const refuse = `for each statement execute function vivant.refuse_expanded(${quoteText(columns.join(', '))})`
  await tx.query(`create index on ${table} (${viewColumns.parent}, ${viewColumns.position})`)
  await tx.query(`create index on ${table} (${viewColumns.parent}, ${viewColumns.content}, ${viewColumns.position})`)
  await tx.query(`create trigger vivant_guard before insert or delete on ${table} ${refuse}`)
  await tx.query(`create trigger vivant_guard_update before update of ${columns.map((column) => quoteName(column)).join(', ')} on ${table} ${refuse}`)
  await tx.query(
    `create trigger vivant_guard_truncate after truncate on ${table} for each statement execute function vivant.refuse_truncated(${quoteText(quoteName(parent.schemaName, parent.name))})`,
  )
}
