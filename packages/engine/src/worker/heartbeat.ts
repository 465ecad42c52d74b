import { Worker as Thread } from 'node:worker_threads'
import { extendLeases, hardCapSeconds } from '@vivant/queue'
import type { Database } from '@vivant/storage'
import type { WorkerTiming } from './worker-timing.ts'

export interface Heartbeat extends AsyncDisposable {
  /** The leases to be kept, each no longer than the hard cap. */
  add(tasks: readonly number[]): void
  remove(tasks: readonly number[]): void
}

/**
 * Keeps a worker's leases. On a thread with a connection of its own, because synchronous functions block timers; a pool
 * of the user's own has no address to connect to, so there it is a timer. One process alone needs none.
 */
export function startHeartbeat(database: Database, owner: string, url: string | null, timing: WorkerTiming): Heartbeat {
  if (database.profile.singleProcess) return { add: () => {}, remove: () => {}, [Symbol.asyncDispose]: async () => {} }
  return url === null ? timerHeartbeat(database, owner, timing) : threadHeartbeat(owner, url, timing)
}

function timerHeartbeat(database: Database, owner: string, { beatMs, leaseSeconds }: WorkerTiming): Heartbeat {
  const claimed = new Map<number, number>()
  const timer = setInterval(() => {
    const oldest = performance.now() - hardCapSeconds * 1000
    const tasks = [...claimed].flatMap(([task, at]) => (at > oldest ? [task] : []))
    if (tasks.length) extendLeases(database, owner, tasks, leaseSeconds).catch(() => {})
    database.query({ text: 'update vivant.worker set seen_at = now() where id = $1', values: [owner] }).catch(() => {})
  }, beatMs)
  timer.unref()
  return {
    add: (tasks) => tasks.forEach((task) => claimed.set(task, performance.now())),
    remove: (tasks) => tasks.forEach((task) => claimed.delete(task)),
    [Symbol.asyncDispose]: async () => clearInterval(timer),
  }
}

function threadHeartbeat(owner: string, url: string, timing: WorkerTiming): Heartbeat {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const thread = new Thread(new URL(`heartbeat-thread.${extension}`, import.meta.url), { workerData: { owner, url, ...timing } })
  thread.unref()
  // a heartbeat that dies costs leases, which others then take: nothing is lost
  thread.on('error', () => {})
  return {
    add: (tasks) => thread.postMessage({ add: tasks }, []),
    remove: (tasks) => thread.postMessage({ remove: tasks }, []),
    [Symbol.asyncDispose]: async () => {
      await thread.terminate()
    },
  }
}
