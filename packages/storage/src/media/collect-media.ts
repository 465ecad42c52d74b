import type { Database } from '../connection/database.ts'
import type { SqlClient } from '../connection/sql-client.ts'
import { forgetMediaSources } from './media-sources.ts'

/** So many media, and their bytes. */
export interface MediaAmount {
  readonly count: number
  readonly bytes: number
}

export interface CondemnedMedium {
  readonly sha256: string
  readonly extension: string
  readonly sizeBytes: number
}

/** What a medium must be for a run to delete it: condemned longer ago than the grace period, and before every transaction that may still write now. */
const isOver = `condemned_at is not null and condemned_at <= $2::timestamptz - make_interval(secs => $3::float8 / 1000) and condemned_xid < $4::text::xid8`
const isMentioned = `exists (select from vivant.media_mention r where r.run = $1::uuid and r.sha256 = m.sha256)`

export interface CollectionRun {
  readonly run: string
  /** Before the scan, by the clock of the database. */
  readonly startedAt: string
  /** Transactions with a number below it had ended before the scan. */
  readonly xmin: string
  readonly graceMs: number
}

/** No transaction has this number, or one after it. */
const noTransaction = '9223372036854775807'

/** Begins a run: what is condemned from here on is not its business. `offline`: nobody else is writing. What runs that died left is removed. */
export async function beginCollection(client: SqlClient, run: string, graceMs: number, offline: boolean): Promise<CollectionRun> {
  await client.query("delete from vivant.media_mention where seen_at < now() - interval '1 day'")
  const { rows } = await client.query<{ startedAt: string; xmin: string }>(
    `select clock_timestamp()::text as "startedAt", pg_snapshot_xmin(pg_current_snapshot())::text as xmin`,
  )
  const { startedAt, xmin } = rows[0]!
  return { run, graceMs, startedAt, xmin: offline ? noTransaction : xmin }
}

export async function endCollection(client: SqlClient, { run }: CollectionRun): Promise<void> {
  await client.query({ text: 'delete from vivant.media_mention where run = $1', values: [run] })
  await forgetMediaSources(client)
}

/** Condemned media that are mentioned again are as others. */
export async function reprieveMedia(client: SqlClient, { run }: CollectionRun): Promise<void> {
  await client.query({
    text: `update vivant.media m set condemned_at = null, condemned_xid = null where m.condemned_at is not null and ${isMentioned}`,
    values: [run],
  })
}

/** Condemns what nothing mentions and is older than the grace period. Rows that somebody is just writing are left for another time. */
export async function condemnMedia(client: SqlClient, { run, graceMs }: CollectionRun): Promise<MediaAmount> {
  return amountOf(client, {
    // a number that no transaction has had yet is of another server, from which the database was restored
    text: `with c as (update vivant.media set condemned_at = clock_timestamp(), condemned_xid = pg_current_xact_id()
  where sha256 = any(array(select m.sha256 from vivant.media m
    where (m.condemned_at is null or m.condemned_xid >= pg_snapshot_xmax(pg_current_snapshot()))
      and m.stored_at <= now() - make_interval(secs => $2::float8 / 1000) and not ${isMentioned}
    for update skip locked))
  returning size_bytes)
select count(*) as count, coalesce(sum(size_bytes), 0) as bytes from c`,
    values: [run, graceMs],
  })
}

/** What `condemnMedia` and `deleteCondemned` would find now. */
export async function previewCollection(
  client: SqlClient,
  { run, startedAt, xmin, graceMs }: CollectionRun,
): Promise<{ readonly condemned: MediaAmount; readonly collected: MediaAmount }> {
  const values = [run, startedAt, graceMs, xmin]
  const collected = await amountOf(client, {
    text: `select count(*) as count, coalesce(sum(size_bytes), 0) as bytes from vivant.media m where ${isOver} and not ${isMentioned}`,
    values,
  })
  const condemned = await amountOf(client, {
    text: `select count(*) as count, coalesce(sum(size_bytes), 0) as bytes from vivant.media m
where m.condemned_at is null and m.stored_at <= $2::timestamptz - make_interval(secs => $3::float8 / 1000) and not ${isMentioned}`,
    values: values.slice(0, 3),
  })
  return { condemned, collected }
}

const batchSize = 100

/**
 * Deletes up to 100 media for good, rows and (by `remove`) bytes, in one transaction: whoever wants to record one of them meanwhile waits for
 * its end, and then finds no row. Gives null when there are no more.
 */
export async function deleteCondemned(
  database: Database,
  { run, startedAt, xmin, graceMs }: CollectionRun,
  remove: (medium: CondemnedMedium) => Promise<void>,
): Promise<MediaAmount | null> {
  return database.transaction(async (tx) => {
    const { rows } = await tx.query<CondemnedMedium>({
      text: `delete from vivant.media where sha256 = any(array(select m.sha256 from vivant.media m
  where ${isOver} and not ${isMentioned} order by m.sha256 limit ${batchSize} for update skip locked))
returning sha256, extension, size_bytes as "sizeBytes"`,
      values: [run, startedAt, graceMs, xmin],
    })
    await Promise.all(rows.map(remove))
    return rows.length === 0 ? null : { count: rows.length, bytes: rows.reduce((sum, row) => sum + row.sizeBytes, 0) }
  })
}

/** Of these hashes, those that have no row and that the run has not seen mentioned. */
export async function unknownMedia(client: SqlClient, { run }: CollectionRun, hashes: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ sha256: string }>({
    text: `select m.sha256 from unnest($2::text[]) m(sha256) where not exists (select from vivant.media k where k.sha256 = m.sha256) and not ${isMentioned}`,
    values: [run, hashes],
  })
  return new Set(rows.map((row) => row.sha256))
}

/**
 * Removes bytes that have no row: a row stands for them until they are gone, so that whoever records such a medium waits. Gives the hashes that
 * were still without a row.
 */
export async function deleteUnknown(database: Database, hashes: readonly string[], remove: (sha256: string) => Promise<void>): Promise<readonly string[]> {
  return database.transaction(
    async (tx) => {
      const { rows } = await tx.query<{ sha256: string }>({
        text: `insert into vivant.media (sha256, extension, mime_type, size_bytes) select h, '', '', 0 from unnest($1::text[]) h order by h on conflict do nothing returning sha256`,
        values: [hashes],
      })
      const held = rows.map((row) => row.sha256)
      await Promise.all(held.map(remove))
      await tx.query({ text: 'delete from vivant.media where sha256 = any($1::text[])', values: [held] })
      return held
    },
    // A user's transaction may be recording one of them, and last.
    { lockTimeoutMs: 1000 },
  )
}

async function amountOf(client: SqlClient, statement: { readonly text: string; readonly values: readonly unknown[] }): Promise<MediaAmount> {
  const { rows } = await client.query<{ count: string; bytes: string }>(statement)
  return { count: Number(rows[0]!.count), bytes: Number(rows[0]!.bytes) }
}
