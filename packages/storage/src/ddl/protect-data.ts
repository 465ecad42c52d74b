import type { SqlClient } from '../connection/sql-client.ts'
import { quoteText } from './quote.ts'

/** Readers reach cells through the live view alone: SELECT is granted, the schema is not, and a policy hides statistics. */
export async function protectData(tx: SqlClient, table: string, comment: string): Promise<void> {
  await tx.query(`alter table ${table} enable row level security`)
  await tx.query(`create policy readers on ${table} for select using (true)`)
  await tx.query(`grant select on ${table} to public`)
  await tx.query(`comment on table ${table} is ${quoteText(comment)}`)
}
