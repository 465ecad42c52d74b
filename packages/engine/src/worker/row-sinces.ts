import type { Task } from '@vivant/queue'
import type { RowSinces } from '@vivant/storage'

/**
 * When the first cause of each row of some tasks was captured; null when that is the same for all. Moments about as old as each other
 * count as one, so that what is put back makes few tasks. (One moment for all would be handed on from row to row: under steady
 * writing `settled()` would wait for rows that came long after it.)
 */
export function rowSinces(tasks: readonly Pick<Task, 'ids' | 'since'>[]): RowSinces | null {
  const newest = Math.max(...tasks.map((task) => task.since))
  const oldestOfAge = new Map<number, number>()
  for (const { since } of tasks) oldestOfAge.set(age(newest - since), Math.min(since, oldestOfAge.get(age(newest - since)) ?? since))
  if (oldestOfAge.size === 1) return null
  const rows = new Map<number, number>()
  for (const { ids, since } of tasks) {
    const shared = oldestOfAge.get(age(newest - since))!
    for (const id of ids) rows.set(id, Math.min(shared, rows.get(id) ?? shared))
  }
  return { ids: [...rows.keys()], values: [...rows.values()] }
}

function age(numbers: number): number {
  return Math.floor(Math.log2(numbers + 1))
}
