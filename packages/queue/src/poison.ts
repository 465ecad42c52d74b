import type { SqlClient } from '@vivant/storage'
import type { Task } from './task.ts'

/** A task whose claims do not end this often is suspected of killing its workers, and split: at the second it was alone. */
export const claimsUntilSplit = 2
/** A single row whose claims do not end this often runs one column at a time. */
export const claimsUntilIsolated = 3
/** A cell is given up when its worker died twice running with it alone in its hands: once may be chance, when workers are killed from outside. */
export const claimsUntilBlamed: number = claimsUntilIsolated + 2

/** Replaces a task by one for each of its rows, which keep its count of claims; the lease on it ends. Each smaller step would cost another death. */
export async function splitTask(client: SqlClient, owner: string, task: Task): Promise<void> {
  await client.query({
    text: `with gone as (delete from vivant.task where id = $1 and owner = $2 returning *)
insert into vivant.task (table_id, pool, kind, ids, columns, forced, since, claims, run_at)
select g.table_id, g.pool, g.kind, array[row_id], g.columns, g.forced, g.since, g.claims - 1, g.run_at
from gone g cross join unnest(g.ids) row_id`,
    values: [task.id, owner],
  })
}

/** Notes which column runs alone, before it runs; false when the lease was lost. Deaths before this column was suspected are not its own. */
export async function markSuspect(client: SqlClient, owner: string, task: number, column: number | null): Promise<boolean> {
  const { rowCount } = await client.query({
    text: `update vivant.task set suspect = $3, claims = case when suspect is distinct from $3 then ${claimsUntilIsolated + 1} else claims end where id = $1 and owner = $2`,
    values: [task, owner, column],
  })
  return rowCount === 1
}
