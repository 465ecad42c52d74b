import { type Database, examine } from '@vivant/storage'
import type { Variants } from './program.ts'
import { findLeftovers, readDocs, readViews } from './read-views.ts'
import { referenceRows, viewNames } from './reference.ts'

/** What is wrong with the views at rest: what the doctor finds, each row and cell against the reference, and what no reader sees. */
export async function compareViews(database: Database, variants: Variants): Promise<readonly string[]> {
  const [expected, found] = [referenceRows(await readDocs(database), variants), await readViews(database)]
  const differences = viewNames.flatMap((name) => [
    ...without(found[name], expected[name])
      .slice(0, 2)
      .map((line) => `${name} has ${line}, the reference has not`),
    ...without(expected[name], found[name])
      .slice(0, 2)
      .map((line) => `${name} lacks ${line}`),
  ])
  return [...(await examineViews(database)), ...differences, ...(await findLeftovers(database))]
}

/** A sequence that is behind is the users' own doing, who give ids; workers that were killed are buried later. */
export async function examineViews(database: Database): Promise<readonly string[]> {
  const findings = await examine(database, false)
  return findings.flatMap(({ kind, message, ids }) => (kind === 'sequence' || kind === 'worker' ? [] : [`${kind}: ${message} ${ids.join(',')}`]))
}

/** What the left list has beyond the right one, each as often. */
export function without(left: readonly string[], right: readonly string[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const entry of right) counts.set(entry, (counts.get(entry) ?? 0) + 1)
  return left.filter((entry) => {
    const count = counts.get(entry) ?? 0
    counts.set(entry, count - 1)
    return count <= 0
  })
}
