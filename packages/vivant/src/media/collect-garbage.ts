import { randomUUID } from 'node:crypto'
import { type MediaStore, VivantError } from '@vivant/core'
import {
  beginCollection,
  type CollectionRun,
  condemnMedia,
  type Database,
  deleteCondemned,
  deleteUnknown,
  endCollection,
  type MediaAmount,
  previewCollection,
  reprieveMedia,
  sampleMedia,
  scanMentions,
  unknownMedia,
} from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'
import { claimStore } from './claim-store.ts'

export interface GarbageOptions {
  /** How long nothing must have referred to a medium (default 86,400,000: a day; at least 3,600,000: functions run for up to an hour before what they made is committed). */
  readonly graceMs?: number
  /** Only tells what would be done. */
  readonly dryRun?: boolean
  /** Nothing else writes to the database now: collects at once, without a grace period. */
  readonly offline?: boolean
  /** Between media. */
  readonly signal?: AbortSignal
}

export interface GarbageReport {
  /** Nothing refers to them: they go when their grace period is over, by a later run. */
  readonly condemned: MediaAmount
  /** Deleted: nothing referred to them for the grace period. */
  readonly collected: MediaAmount
  /** Deleted: bytes that no database knows, of writers that died half-way. */
  readonly unknown: MediaAmount
  /** Tables that were read. */
  readonly tables: number
}

const hourMs = 3_600_000
const pageSize = 500

/**
 * Deletes media that nothing refers to. A run condemns what no table mentions; a later run, when the grace period is over, deletes what is still
 * condemned. ARCHITECTURE.md ("Garbage") says why that is safe beside writers.
 */
export async function collectGarbage(runtime: Runtime, options: GarbageOptions = {}): Promise<GarbageReport> {
  const { graceMs = 24 * hourMs, offline = false } = options
  if (!offline && !(graceMs >= hourMs))
    throw new VivantError(
      'CONFIGURATION_INVALID',
      `graceMs is ${graceMs}; at least ${hourMs} (an hour) is needed, or { offline: true } when nothing else writes to this database.`,
    )
  if (!offline) return collect(runtime, { ...options, graceMs })
  // What the first run condemns, the second deletes.
  const first = await collect(runtime, { ...options, graceMs: 0 })
  if (options.dryRun) return { ...first, condemned: none, collected: sum(first.condemned, first.collected) }
  const second = await collect(runtime, { ...options, graceMs: 0 })
  return { ...second, collected: sum(first.collected, second.collected), unknown: sum(first.unknown, second.unknown) }
}

/** One run. Tests call it with a grace period that is shorter than users may ask for. */
export async function collect({ database, media }: Runtime, options: GarbageOptions & { readonly graceMs: number }): Promise<GarbageReport> {
  const { store } = media
  await checkStore(database, store)
  const run = await beginCollection(database, randomUUID(), options.graceMs, options.offline ?? false)
  try {
    const tables = await scanMentions(database, run.run)
    if (options.dryRun) return { tables, ...(await previewCollection(database, run)), unknown: await collectUnknown(database, store, run, options) }
    await reprieveMedia(database, run)
    const collected = await collectCondemned(database, store, run, options)
    const unknown = await collectUnknown(database, store, run, options)
    return { tables, collected, unknown, condemned: await condemnMedia(database, run) }
  } finally {
    await endCollection(database, run)
  }
}

/** A store that other databases use too, or that is not this database's, has media of which nothing can be told. */
async function checkStore(database: Database, store: MediaStore): Promise<void> {
  const sample = await sampleMedia(database)
  if (sample.length > 0 && !(await hasOne(store, sample)))
    throw new VivantError('CONFIGURATION_INVALID', 'This store has none of the media of the database: name the right one (`media.store`, --media).', {
      details: { looked: sample },
    })
  const others = await claimStore(database, store)
  if (others.length > 0)
    throw new VivantError(
      'CONFIGURATION_INVALID',
      `Other databases keep media in this store (${others.join(', ')}), so what is garbage cannot be told. Give each its own folder or prefix; if those are gone, remove their names from its folder .databases.`,
      { details: { databases: others } },
    )
}

async function hasOne(store: MediaStore, keys: readonly string[]): Promise<boolean> {
  for (const key of keys) if (await store.has(key)) return true
  return false
}

async function collectCondemned(database: Database, store: MediaStore, run: CollectionRun, { signal }: GarbageOptions): Promise<MediaAmount> {
  let total = none
  for (;;) {
    checkAborted(signal)
    const batch = await deleteCondemned(database, run, ({ sha256, extension }) => store.delete(`${sha256}.${extension}`))
    if (batch === null) return total
    total = sum(total, batch)
  }
}

/** Bytes without a row: of a writer that died, or whose transaction was rolled back, before it was written down; and a second extension of what has gone. */
async function collectUnknown(
  database: Database,
  store: MediaStore,
  run: CollectionRun,
  { dryRun = false, graceMs = 0, signal }: GarbageOptions,
): Promise<MediaAmount> {
  const latest = Date.now() - graceMs
  let total = none
  let page: StoredObject[] = []
  const turnPage = async (): Promise<void> => {
    checkAborted(signal)
    const objects = page
    page = []
    const unknown = await unknownMedia(database, run, [...new Set(objects.map(hashOf))])
    const garbage = objects.filter((object) => unknown.has(hashOf(object)))
    if (garbage.length === 0) return
    const removed = dryRun ? unknown : new Set(await removeUnknown(database, store, garbage))
    for (const object of garbage) if (removed.has(hashOf(object))) total = sum(total, { count: 1, bytes: object.sizeBytes })
  }
  for await (const object of store.list()) {
    if (object.storedAt.getTime() > latest) continue
    page.push(object)
    if (page.length === pageSize) await turnPage()
  }
  await turnPage()
  return total
}

interface StoredObject {
  readonly key: string
  readonly sizeBytes: number
  readonly storedAt: Date
}

async function removeUnknown(database: Database, store: MediaStore, garbage: readonly StoredObject[]): Promise<readonly string[]> {
  try {
    return await deleteUnknown(database, [...new Set(garbage.map(hashOf))], async (sha256) => {
      for (const object of garbage) if (hashOf(object) === sha256) await store.delete(object.key)
    })
  } catch (error) {
    // somebody is writing one of them down: another time
    if ((error as { readonly code?: string }).code === '55P03') return []
    throw error
  }
}

const none: MediaAmount = Object.freeze({ count: 0, bytes: 0 })

function sum(a: MediaAmount, b: MediaAmount): MediaAmount {
  return { count: a.count + b.count, bytes: a.bytes + b.bytes }
}

function hashOf({ key }: StoredObject): string {
  return key.slice(0, 64)
}

function checkAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new VivantError('ABORTED', 'The collection was aborted by its signal; what it deleted was garbage.', { cause: signal.reason })
}
