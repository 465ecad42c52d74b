import type { SqlClient } from '../connection/sql-client.ts'
import { readTable } from '../catalog/read-catalog.ts'
import { rolledUpViews, type TableModel, viewsOf } from '../catalog/table-model.ts'
import { withPendingCells } from '../declare/pending-cells.ts'
import { createLogTable } from '../ddl/log-table.ts'
import { quoteName } from '../ddl/quote.ts'
import { captureFunctions, type CaptureEvent } from './capture-functions.ts'

const transitions: Record<CaptureEvent, string> = {
  insert: 'referencing new table as new_rows',
  update: 'referencing old table as old_rows new table as new_rows',
  delete: 'referencing old table as old_rows',
  truncate: '',
}

/** (Re)makes the trigger functions: no lock on the user's table, so it is done on every declaration. */
export async function replaceCaptureFunctions(client: SqlClient, model: TableModel): Promise<void> {
  for (const { sql } of captureFunctions(await withPendingCells(client, model))) await client.query(sql)
}

/** The same for the tables above, which capture what its columns read of them, and for the views whose rows they read. */
export async function widenCapture(client: SqlClient, model: TableModel): Promise<void> {
  await replaceCaptureFunctions(client, model)
  for (const view of rolledUpViews(await withPendingCells(client, model))) await createLogTable(client, view)
  for (const view of viewsOf(model)) await replaceCaptureFunctions(client, view)
  if (!model.view) return
  const parent = await readTable(client, model.view.parentId)
  if (parent) await widenCapture(client, parent)
}

/**
 * Puts the triggers on a table and on each of its partitions (writing to a partition directly fires only its own).
 * Needs a lock that waits for writers, so it is done when the table is made, and where a trigger is missing.
 */
export async function armTable(client: SqlClient, model: TableModel): Promise<void> {
  const { rows } = await client.query<{ relation: string; triggers: string[] }>({
    text: `select c.oid::regclass::text as relation,
      array(select tgname::text from pg_trigger g where g.tgrelid = c.oid and not g.tgisinternal) as triggers
      from pg_class c
      where (c.oid = $1::regclass or c.oid in (select relid from pg_partition_tree($1::regclass))) and c.relkind in ('r', 'p')`,
    values: [quoteName(model.schemaName, model.name)],
  })
  for (const { relation, triggers } of rows)
    for (const { event, name } of captureFunctions(model)) {
      const trigger = `vivant_capture_${event}`
      if (triggers.includes(trigger)) continue
      await client.query(`create trigger ${trigger} after ${event} on ${relation} ${transitions[event]} for each statement execute function ${name}()`)
    }
}
