import { parentPort, workerData } from 'node:worker_threads'
import { extendLeases, hardCapSeconds } from '@vivant/queue'
import { openDatabase } from '@vivant/storage'
import type { WorkerTiming } from './worker-timing.ts'

const { owner, url, beatMs, leaseSeconds } = workerData as { owner: string; url: string } & WorkerTiming
const claimed = new Map<number, number>()

parentPort!.on('message', ({ add, remove }: { add?: readonly number[]; remove?: readonly number[] }) => {
  for (const task of add ?? []) claimed.set(task, performance.now())
  for (const task of remove ?? []) claimed.delete(task)
})

const database = await openDatabase(url, { connections: 1, applicationName: 'vivant heartbeat' })
setInterval(() => void beat(), beatMs)

async function beat(): Promise<void> {
  const oldest = performance.now() - hardCapSeconds * 1000
  const tasks = [...claimed].flatMap(([task, at]) => (at > oldest ? [task] : []))
  try {
    if (tasks.length) await extendLeases(database, owner, tasks, leaseSeconds)
    await database.query({ text: 'update vivant.worker set seen_at = now() where id = $1', values: [owner] })
  } catch {
    // the next beat tries again; after three misses the leases run out, as they should
  }
}
