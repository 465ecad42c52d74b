import type { DataType } from '@vivant/core'
import type { SqlTransaction } from '../connection/sql-client.ts'
import { protectData } from '../ddl/protect-data.ts'
import { pgType } from '../value/pg-type.ts'
import { groupTable, isText, groupLogTable } from './position.ts'

/**
 * What a history column has beside its cells (rule 26).
 *
 * - The group cell: as of `token`, every cell before `dirty` is right; `done`: all are. `token` is the number of log rows that there ever
 *   were, `folded` of those that are gone. From `dirty` to `until_…` rows may be touched; `attempts` are those of the row at `dirty`;
 *   `commits` counts, so that who commits knows that nobody else has.
 * - The log: what every change of a group has touched, from `lo` to `hi`, in the transaction that changed it. Rows are only added, so no
 *   user waits for another. A row without `bucket` means every group. `source` is the row whose cell changed.
 */
export async function createGroupTables(tx: SqlTransaction, cellTable: string, orderType: DataType, readableName: string): Promise<void> {
  const key = `${pgType(orderType)}${isText(orderType) ? ' collate "C"' : ''}`
  const position = (prefix: string, presence: string): string =>
    `${prefix}_last bool${presence}, ${prefix}_key ${key}${presence}, ${prefix}_id bigint${presence}`
  await tx.query(`create table ${groupTable(cellTable)} (
  bucket bigint primary key,
  commits bigint not null,
  version int not null,
  token bigint not null,
  folded bigint not null default 0,
  done bool not null,
  ${position('dirty', ' not null')},
  attempts smallint not null,
  until_end bool not null,
  ${position('until', '')}
)`)
  await tx.query(`create table ${groupLogTable(cellTable)} (
  uid bigint primary key generated always as identity,
  bucket bigint,
  ${position('lo', ' not null')},
  ${position('hi', ' not null')},
  source bigint,
  forced bool not null default false
)`)
  await tx.query(`create index on ${groupLogTable(cellTable)} (bucket)`)
  await tx.query(`create index on ${groupLogTable(cellTable)} (source) where source is not null`)
  await protectData(tx, groupTable(cellTable), `Groups of ${readableName}`)
  await protectData(tx, groupLogTable(cellTable), `What was touched in the groups of ${readableName}`)
}
