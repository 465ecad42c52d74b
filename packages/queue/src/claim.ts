import { fanoutPool, systemPool, type SqlClient } from '@vivant/storage'
import type { Claim, Task, TaskKind } from './task.ts'

export const leaseSeconds = 30
const maxTasksPerClaim = 100

export interface ClaimRequest {
  readonly owner: string
  readonly kind: TaskKind
  /** Null: every pool. */
  readonly pools: readonly string[] | null
  /** Columns that this worker can run; a task for others only is left alone. */
  readonly runnable: readonly number[]
  /** Ids that one claim may bring, but for a single larger task. */
  readonly maxIds: number
  /** Tasks up to this id were seen before: dead entries at the index's front are not read again. */
  readonly after: number
  /** Tasks with this many claims that did not end are left alone for now. Left out: none. */
  readonly claimsBelow?: number
  readonly leaseSeconds?: number
}

/**
 * Leases tasks of one table and pool: the oldest free one decides which. A task whose claim did not end before comes alone:
 * should its worker die again, it is known of what, and others are not suspected with it.
 *
 * `= any(array(…))` and nothing else: with `id in (select … limit … for update skip locked)` the planner may run the
 * subquery again for each outer row, and one claim then took 3,000 tasks instead of 100.
 */
export async function claimTasks(client: SqlClient, request: ClaimRequest): Promise<Claim | null> {
  const { rows } = await client.queryArrays({ ...(request.kind === 'retry' ? dueStatement : freeStatement), values: parametersOf(request) })
  if (!rows.length) return null
  const tasks = rows.map(readTask).toSorted((left, right) => left.id - right.id)
  return { tableId: tasks[0]!.tableId, pool: tasks[0]!.pool, schemaVersion: Number(rows[0]![10] ?? 0), tasks }
}

function parametersOf(request: ClaimRequest): unknown[] {
  return [
    request.owner,
    request.leaseSeconds ?? leaseSeconds,
    request.pools && [...request.pools, systemPool, fanoutPool],
    request.runnable,
    request.kind,
    request.kind === 'retry' ? 0 : request.after,
    maxTasksPerClaim,
    request.maxIds,
    request.claimsBelow ?? 32_767,
  ]
}

type Condition = (task: string) => string

const forMe: Condition = (task) =>
  `${task}.owner is null and ($3::text[] is null or ${task}.pool = any($3)) and (${task}.columns is null or ${task}.columns && $4::int[]) and ${task}.claims < $9`
const freeStatement = {
  name: 'vivant_claim_free',
  text: claimText(
    (task) => `${forMe(task)} and ${task}.run_at is null and ${task}.kind = $5 and ${task}.id > $6`,
    (task) => `${task}.id`,
  ),
}
const dueStatement = {
  name: 'vivant_claim_due',
  text: claimText(
    (task) => `${forMe(task)} and ${task}.run_at <= clock_timestamp() and $5::text is not null and $6::bigint is not null`,
    (task) => `${task}.run_at, ${task}.id`,
  ),
}

function claimText(isReady: Condition, order: Condition): string {
  return `with head as materialized (
  select t.id, t.table_id, t.pool, t.forced, t.columns, t.claims from vivant.task t where ${isReady('t')} order by ${order('t')} limit 1
), ready as materialized (
  select t.id, t.run_at, t.size from vivant.task t, head
  where ${isReady('t')} and t.table_id = head.table_id and t.pool = head.pool and t.forced = head.forced and head.claims = 0 and t.claims = 0
    -- what is forced for one row is not forced for another
    and (not head.forced or t.columns is not distinct from head.columns)
  order by ${order('t')} limit $7
), chosen as materialized (
  select r.id from (select ready.id, sum(ready.size) over (order by ${order('ready')}) - ready.size as before from ready) r where r.before < $8
  union all
  select head.id from head where head.claims > 0
)
update vivant.task set owner = $1, leased_until = clock_timestamp() + make_interval(secs => $2), claims = claims + 1
where id = any(array(select t.id from vivant.task t where t.id in (select id from chosen) and t.owner is null order by t.id for update skip locked))
returning id, table_id, pool, kind, ids, columns, forced, since, claims - 1, suspect,
  (select schema_version from vivant."table" v where v.id = table_id),
  -- a claim that a crash of the server forgets is a task that is free again
  set_config('synchronous_commit', 'off', true)`
}

export function readTask(row: readonly unknown[]): Task {
  const [id, tableId, pool, kind, ids, columns, forced, since, claims, suspect] = row
  return {
    id: Number(id),
    tableId: Number(tableId),
    pool: pool as string,
    kind: kind as TaskKind,
    ids: (ids as readonly unknown[]).map(Number),
    columns: columns === null ? null : (columns as readonly unknown[]).map(Number),
    forced: forced === true,
    since: Number(since),
    claims: Number(claims),
    suspect: suspect === null ? null : Number(suspect),
  }
}
