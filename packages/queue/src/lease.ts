import type { SqlClient } from '@vivant/storage'
import { leaseSeconds } from './claim.ts'

/** A lease is not extended beyond this: what still runs then belongs to nobody. */
export const hardCapSeconds = 3600

/** Gives tasks back as they were: nothing was done and nobody died, so the claim does not count and nothing is suspected. */
export async function releaseTasks(client: SqlClient, owner: string, tasks: readonly number[]): Promise<void> {
  await client.query({
    name: 'vivant_release',
    text: `update vivant.task set owner = null, leased_until = null, claims = greatest(claims - 1, 0), suspect = null
where owner = $1 and id = any($2::bigint[])`,
    values: [owner, tasks],
  })
}

/** Gives tasks back after an error that was not theirs to have: later, and the claim counts, so that a row behind it is found. */
export async function deferTasks(client: SqlClient, owner: string, tasks: readonly number[]): Promise<void> {
  await client.query({
    name: 'vivant_defer',
    text: `update vivant.task set owner = null, leased_until = null, run_at = clock_timestamp() + interval '1 second' * least(power(2, claims), 60)
where owner = $1 and id = any($2::bigint[])`,
    values: [owner, tasks],
  })
}

/** Deletes tasks whose table is gone. */
export async function deleteTasks(client: SqlClient, owner: string, tasks: readonly number[]): Promise<void> {
  await client.query({ text: 'delete from vivant.task where owner = $1 and id = any($2::bigint[])', values: [owner, tasks] })
}

/** Extends the leases of an owner; those that it lost are not among them. */
export async function extendLeases(client: SqlClient, owner: string, tasks: readonly number[], seconds: number = leaseSeconds): Promise<void> {
  await client.query({
    name: 'vivant_extend',
    text: `update vivant.task set leased_until = clock_timestamp() + make_interval(secs => $3)
where owner = $1 and id = any($2::bigint[])`,
    values: [owner, tasks, seconds],
  })
}

/** What was in dying hands is due like a retry, the last of them: it comes task by task and may kill again, so others go first. */
const free = 'owner = null, leased_until = null, run_at = clock_timestamp()'

/** Frees what dead or stuck workers hold. Any worker does it now and then; claims that did not end stay counted. */
export async function freeExpiredLeases(client: SqlClient): Promise<number> {
  const { rowCount } = await client.query(`update vivant.task set ${free}
where id = any(array(select id from vivant.task where leased_until < clock_timestamp() and owner is not null order by id for update skip locked))`)
  return rowCount
}

/** At open of an engine that belongs to one process: nobody else lives, so every lease is free. */
export async function freeAllLeases(client: SqlClient): Promise<void> {
  await client.query(`update vivant.task set ${free} where owner is not null`)
}
