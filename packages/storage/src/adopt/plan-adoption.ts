import { dataTypeOf } from '../catalog/followed-types.ts'
import type { EngineProfile } from '../connection/engine-profile.ts'
import { isIdentityBegun } from './fill-identity.ts'
import type { Relation, RelationAttribute } from './read-relation.ts'

/** How the rows get their identity: `key`: they have one; `rewrite`: the table is written anew; `online`: `_id` is filled in slices, beside its users. */
export type IdentityPath = 'key' | 'rewrite' | 'online'

export interface AdoptionOptions {
  /** How `_id` is added, where it is needed; by the number of rows unless it is said. */
  readonly identity?: 'rewrite' | 'online'
}

/** What adopting a table will do, and what it costs. */
export interface AdoptionPlan {
  readonly schema: string
  readonly table: string
  /** As PostgreSQL estimates it. */
  readonly rows: number
  /** With indexes and partitions. */
  readonly sizeBytes: number
  /** The column that tells rows apart: an integer primary key, or `_id`, which is then added. */
  readonly key: { readonly column: string; readonly added: boolean; readonly path: IdentityPath }
  /** About how long the table is locked against readers and writers, at once. */
  readonly lockedMs: number
  /** About how long it takes in all. */
  readonly estimateMs: number
  /** Each lock, what it holds up and for how long; and what else others may notice. */
  readonly effects: readonly string[]
  /** The columns that expressions can read. */
  readonly columns: readonly string[]
  /** Columns of types or names that Vivant does not take, as `point geometry`: the live view shows them, expressions cannot read them. */
  readonly opaque: readonly string[]
  /** Tables on which triggers are set: it and its partitions. */
  readonly armed: readonly string[]
  /** What writes to the table unseen. */
  readonly uncaptured: readonly string[]
  /** Why it cannot be adopted; empty when it can. */
  readonly refused: readonly string[]
}

/** From so many rows on they are given their identity in slices: a rewrite would hold up users for more than a few seconds. */
const onlineRows = 1_000_000

/** Measured on two slow cores, 312 MB in a million rows; the cost goes by bytes where rows are wide. */
const cost = { rewrite: { perRow: 0.006, perMegabyte: 15 }, online: { perRow: 0.025, perMegabyte: 60 } }

/** Pure. */
export function planAdoption(relation: Relation, profile: EngineProfile, { identity }: AdoptionOptions = {}): AdoptionPlan {
  const path = identityPath(relation, profile, identity)
  const rows = Math.max(0, relation.rows)
  const duration = path === 'key' ? 0 : Math.ceil(Math.max(rows * cost[path].perRow, (relation.sizeBytes / 2 ** 20) * cost[path].perMegabyte))
  const known = relation.attributes.filter(isKnown)
  return {
    schema: relation.schemaName,
    table: relation.name,
    rows,
    sizeBytes: relation.sizeBytes,
    key: { column: integerKey(relation)?.name ?? '_id', added: path !== 'key', path },
    lockedMs: path === 'rewrite' ? duration : 0,
    estimateMs: duration,
    effects: effects(relation, path, duration),
    columns: known.map(({ name }) => name),
    opaque: relation.attributes.filter((attribute) => !isKnown(attribute) && attribute.name !== '_id').map(({ name, shownType }) => `${name} ${shownType}`),
    armed: [`${relation.schemaName}.${relation.name}`, ...relation.partitions.filter(({ isForeign }) => !isForeign).map(({ name }) => name)],
    uncaptured: uncaptured(relation),
    refused: refusals(relation, identity),
  }
}

/** The single integer primary key, which is then the rows' identity. */
export function integerKey({ primaryKey, attributes }: Relation): RelationAttribute | null {
  if (primaryKey?.length !== 1) return null
  const key = attributes.find(({ attnum }) => attnum === primaryKey[0])
  return key && ['int2', 'int4', 'int8'].includes(key.type) ? key : null
}

/** Whether Vivant takes a column: its type, and a name that is free of what it keeps for itself. */
export function isKnown({ name, type }: RelationAttribute): boolean {
  return dataTypeOf(type) !== null && !/^_|\$/u.test(name)
}

function identityPath(relation: Relation, profile: EngineProfile, wanted: AdoptionOptions['identity']): IdentityPath {
  if (integerKey(relation)) return 'key'
  if (isIdentityBegun(relation)) return 'online'
  // on the embedded engine nobody else is held up
  if (relation.kind === 'p' || profile.singleProcess) return 'rewrite'
  return wanted ?? (relation.rows > onlineRows ? 'online' : 'rewrite')
}

function effects(relation: Relation, path: IdentityPath, duration: number): readonly string[] {
  const triggers = 'the triggers: SHARE ROW EXCLUSIVE for milliseconds; writers wait, readers do not; given up after 200 ms and tried again'
  if (path === 'key') return [triggers]
  const common = [
    triggers,
    'every row has one column more, _id: `select *`, `insert` without a list of columns and `copy` without one see it; a prepared `select *` must be prepared again',
  ]
  if (path === 'rewrite')
    return [
      `the table is written anew with _id and its index: ACCESS EXCLUSIVE; readers and writers wait for about ${seconds(duration)}; twice its size on disk meanwhile`,
      ...(relation.kind === 'p' ? ['the index on _id is not unique, as PostgreSQL wants the partition key in a unique one'] : []),
      ...common,
    ]
  return [
    `_id is filled in slices of rows that nobody has locked, for about ${seconds(duration)}; the table is twice its size until the next vacuum`,
    'four times ACCESS EXCLUSIVE for milliseconds; given up after 200 ms and tried again',
    'an index is built concurrently: it waits for every older transaction of the database',
    'a transaction of REPEATABLE READ or SERIALIZABLE that changes a row that is just being filled gets 40001, as from any other writer',
    ...(relation.updateTriggers.length ? [`each row is updated once, which fires ${relation.updateTriggers.join(', ')}`] : []),
    ...common,
  ]
}

function uncaptured(relation: Relation): readonly string[] {
  return [
    ...relation.partitions.filter(({ isForeign }) => isForeign).map(({ name }) => `${name} is a foreign table: writes to it directly are not seen`),
    ...relation.children.map((name) => `${name} inherits from it: rows inserted there are not seen`),
    ...(relation.subscriptions ? ['a logical subscription applies changes to it, which fires no statement triggers'] : []),
    ...(relation.kind === 'p' ? ['ATTACH, DETACH and TRUNCATE of a single partition fire no trigger of the parent: after ATTACH recompute() the columns'] : []),
  ]
}

function refusals(relation: Relation, identity: AdoptionOptions['identity']): readonly string[] {
  const { kind, isPartition, isOwned, hidesRows, attributes } = relation
  const own = attributes.find(({ name }) => name === '_id')
  const isKey = integerKey(relation) !== null
  return [
    ...(kind === 'r' || kind === 'p' ? [] : ['it is no table']),
    ...(isPartition ? ['it is a partition: adopt the table it belongs to'] : []),
    ...(isOwned ? [] : ['triggers can only be set by its owner: connect as that role, or as a member of it']),
    ...(hidesRows ? ['row-level security hides rows from the role of this connection, so they would not be computed: alter role … bypassrls'] : []),
    ...(!isKey && own && !isIdentityBegun(relation) ? ['it has a column _id of its own that is not an integer primary key'] : []),
    ...(!isKey && kind === 'p' && identity === 'online' ? ['a partitioned table is given _id by a rewrite only'] : []),
  ]
}

function seconds(ms: number): string {
  return ms < 1000 ? 'less than a second' : `${Math.round(ms / 1000)} s`
}
