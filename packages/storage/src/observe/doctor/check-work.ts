import type { Database } from '../../connection/database.ts'
import type { SqlClient } from '../../connection/sql-client.ts'
import type { Finding } from './finding.ts'

/** Tasks that nobody can do any more, and what dead workers left. */
export async function checkWork(database: Database, repair: boolean): Promise<readonly Finding[]> {
  return [...(await checkTasks(database, repair)), ...(database.profile.singleProcess ? [] : await checkWorkers(database, repair))]
}

async function checkTasks(client: SqlClient, repair: boolean): Promise<readonly Finding[]> {
  const lost = `vivant.task k where not exists (select from vivant."table" t where t.id = k.table_id)
  or (k.columns is not null and not exists (select from vivant."column" c where c.id = any(k.columns)))`
  const count = await countOf(
    client,
    repair ? `with gone as (delete from ${lost} returning 1) select count(*)::int as n from gone` : `select count(*)::int as n from ${lost}`,
  )
  return found('lost task', count, `${count} tasks are for tables or columns that are gone.`)
}

async function checkWorkers(client: SqlClient, repair: boolean): Promise<readonly Finding[]> {
  const dead = `vivant.worker where seen_at < now() - interval '1 minute'`
  const expired = `vivant.task where owner is not null and leased_until < clock_timestamp() - interval '1 minute'`
  const workers = await countOf(
    client,
    repair ? `with gone as (delete from ${dead} returning 1) select count(*)::int as n from gone` : `select count(*)::int as n from ${dead}`,
  )
  const leases = await countOf(
    client,
    repair
      ? `with freed as (update vivant.task set owner = null, leased_until = null where id = any(array(select id from ${expired} for update skip locked)) returning 1) select count(*)::int as n from freed`
      : `select count(*)::int as n from ${expired}`,
  )
  return [
    ...found('worker', workers, `${workers} workers are registered that were not seen for a minute: they died.`),
    ...found('worker', leases, `${leases} tasks are held by workers whose leases ran out, and no live worker has freed them.`),
  ]
}

async function countOf(client: SqlClient, text: string): Promise<number> {
  const { rows } = await client.query<{ n: number }>(text)
  return rows[0]!.n
}

function found(kind: Finding['kind'], count: number, message: string): readonly Finding[] {
  return count ? [{ kind, table: null, column: null, count, message, ids: [], repairable: true }] : []
}
