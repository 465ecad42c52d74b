import type { SqlClient } from '@vivant/storage'

/** What may be waiting, beside fresh tasks. */
export interface Waiting {
  readonly group: boolean
  readonly retry: boolean
  readonly backfill: boolean
  readonly sweep: boolean
  /** A backfill has slices left. */
  readonly slices: boolean
}

/** One look at everything but fresh tasks: an idle worker asks this instead of claiming kind by kind. */
export async function peekWaiting(client: SqlClient): Promise<Waiting> {
  const { rows } = await client.queryArrays({
    name: 'vivant_peek',
    text: `select exists (select from vivant.task where owner is null and run_at <= clock_timestamp()),
  exists (select from vivant.task where owner is null and run_at is null and kind = 'backfill'),
  exists (select from vivant.task where owner is null and run_at is null and kind = 'sweep'),
  exists (select from vivant.backfill where state = 'running'),
  exists (select from vivant.task where owner is null and run_at is null and kind = 'group')`,
  })
  const [retry, backfill, sweep, slices, group] = rows[0] as readonly boolean[]
  return { group: group!, retry: retry!, backfill: backfill!, sweep: sweep!, slices: slices! }
}
