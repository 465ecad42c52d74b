import type { DataType } from '@vivant/core'
import type { SqlTransaction } from '../connection/sql-client.ts'
import { pgType } from '../value/pg-type.ts'
import { protectData } from './protect-data.ts'
import { quoteName } from './quote.ts'

/**
 * A column's cells: the value, its state, and where it comes from. No foreign key to the user's table: making one would
 * wait for idle writers, with every later writer queued behind it.
 */
export async function createCellTable(tx: SqlTransaction, name: string, type: DataType, readableName: string): Promise<void> {
  const table = `vivant_data.${quoteName(name)}`
  await tx.query(`create table ${table} (
  _id bigint primary key,
  value ${pgType(type)},
  status text not null,
  version int not null,
  token bigint not null,
  seq bigint not null,
  attempts smallint not null default 0,
  args uuid,
  micros int,
  computed_at timestamptz not null default now(),
  info jsonb
)`)
  // what was computed since a moment, whatever the size of the table; kept up without an entry for each cell
  await tx.query(`create index on ${table} using brin (computed_at) with (pages_per_range = 32, autosummarize = on)`)
  await protectData(tx, table, `Cells of ${readableName}`)
}
