import type { WriteHolder } from '../declare/publication.ts'
import type { SqlClient } from '../connection/sql-client.ts'

/** A declaration whose second commit has not come, and the transactions that it waits for. */
export interface WaitingDeclaration {
  readonly tableId: number
  readonly columnIds: readonly number[]
  readonly startedAt: Date
  readonly holders: readonly WriteHolder[]
}

export async function readWaitingDeclarations(client: SqlClient): Promise<readonly WaitingDeclaration[]> {
  const { rows } = await client.query<{
    tableId: number
    detail: { added?: number[]; replaced?: { columnId: number }[] }
    startedAt: Date
    holders: WriteHolder[] | null
  }>(
    `select o.table_id as "tableId", o.detail, o.started_at as "startedAt",
  (select jsonb_agg(h) from (
    select distinct on (l.virtualtransaction) l.virtualtransaction as transaction, l.pid, a.usename as "user", a.application_name as application, a.state, a.xact_start as since, a.query
    from pg_locks l left join pg_stat_activity a using (pid) where l.virtualtransaction = any(o.holders) and l.locktype = 'relation'
      and l.relation in (select relid from pg_partition_tree(t.relation::regclass) union select t.relation)) h) as holders
from vivant.operation o join vivant."table" t on t.id = o.table_id
where o.kind = 'publish' and o.ended_at is null order by o.id`,
  )
  return rows.map(({ tableId, detail, startedAt, holders }) => ({
    tableId,
    columnIds: [...(detail.added ?? []), ...(detail.replaced ?? []).map((replaced) => replaced.columnId)],
    startedAt,
    holders: (holders ?? []).map((holder) => ({ ...holder, since: holder.since === null ? null : new Date(holder.since) })),
  }))
}
