import { setTimeout as sleep } from 'node:timers/promises'
import { VivantError } from '@vivant/core'
import { abortError, countUnsettled, type QueryPlace, type QuerySources, type QuerySpec, throwIfAborted } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'
import type { FreshOptions } from './query.ts'

const defaultTimeoutMs = 60_000
const longestPauseMs = 50

/** Waits until the cells that a query reads are settled for the rows that may match: 1, 2, 4 … 50 ms between looks. TIMEOUT with how many rows are left. */
export async function waitUntilFresh(
  runtime: Runtime,
  { database, client, signal: outer }: QueryPlace,
  spec: QuerySpec,
  sources: QuerySources,
  { timeoutMs = defaultTimeoutMs, signal: own }: FreshOptions,
): Promise<void> {
  const given = [outer, own].filter((signal) => signal !== undefined)
  const signal = given.length > 1 ? AbortSignal.any(given) : given[0]
  const deadline = performance.now() + timeoutMs
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    throwIfAborted(signal)
    const left = await countUnsettled(client ?? database, spec, sources)
    if (left === 0) return
    const remainingMs = deadline - performance.now()
    if (remainingMs <= 0) throw timeoutError(sources[0].model.name, left, timeoutMs)
    runtime.wake()
    await sleep(Math.min(pauseMs, Math.ceil(remainingMs)), undefined, signal ? { signal } : {}).catch((error: unknown) => {
      throw signal?.aborted ? abortError(signal) : error
    })
  }
}

function timeoutError(table: string, left: number, timeoutMs: number): VivantError {
  const rows = left === 1 ? 'a row' : `${left} rows`
  return new VivantError('TIMEOUT', `After ${timeoutMs} ms ${rows} of '${table}' still had cells that are not settled; db.status() tells what they wait for.`, {
    details: { table, left, timeoutMs },
  })
}
