import { VivantError } from '@vivant/core'
import type { Database } from '../connection/database.ts'
import type { SqlClient } from '../connection/sql-client.ts'
import { loadMigrations, type Migration } from './load-migrations.ts'

export interface MigrateResult {
  /** Names of the migrations that ran now. */
  readonly applied: readonly string[]
}

const idempotentKey = 'idempotent'

/**
 * Brings the system schema to this version of Vivant. Safe when several processes do it at once; refuses a schema that
 * a newer version made (SCHEMA_NEWER).
 */
export async function migrate(database: Database): Promise<MigrateResult> {
  const wanted = await loadMigrations()
  const idempotentHash = wanted.idempotent.map((migration) => migration.hash).join('.')
  const done = await readApplied(database)
  if (done && isUpToDate(done, wanted.incremental, idempotentHash)) return { applied: [] }
  return database.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock(7663, 1)')
    await createMigrationTable(tx)
    const before = (await readApplied(tx)) ?? new Map<string, string>()
    checkApplied(before, wanted.incremental)
    const pending = wanted.incremental.filter((migration) => !before.has(migration.name))
    if (!before.size) await createExtension(tx)
    for (const migration of pending) await apply(tx, migration)
    if (before.get(idempotentKey) === idempotentHash) return { applied: pending.map((migration) => migration.name) }
    for (const migration of wanted.idempotent) await tx.query(migration.sql)
    await recordMigration(tx, idempotentKey, idempotentHash)
    return { applied: [...pending, ...wanted.idempotent].map((migration) => migration.name) }
  })
}

async function readApplied(client: SqlClient): Promise<Map<string, string> | undefined> {
  const exists = await client.query<{ found: boolean }>("select to_regclass('vivant.migration') is not null as found")
  if (!exists.rows[0]?.found) return undefined
  const { rows } = await client.query<{ name: string; hash: string }>('select name, hash from vivant.migration')
  return new Map(rows.map((row) => [row.name, row.hash]))
}

function isUpToDate(done: ReadonlyMap<string, string>, incremental: readonly Migration[], idempotentHash: string): boolean {
  checkApplied(done, incremental)
  return incremental.every((migration) => done.has(migration.name)) && done.get(idempotentKey) === idempotentHash
}

function checkApplied(done: ReadonlyMap<string, string>, incremental: readonly Migration[]): void {
  const known = new Map(incremental.map((migration) => [migration.name, migration.hash]))
  for (const [name, hash] of done) {
    if (name === idempotentKey) continue
    const expected = known.get(name)
    if (expected === undefined)
      throw new VivantError('SCHEMA_NEWER', `The database was migrated by a newer version of Vivant (it has "${name}"): update this program’s vivant package.`)
    if (expected !== hash)
      throw new VivantError('SCHEMA_NEWER', `Migration "${name}" of the database differs from this program’s: they come from two different builds of Vivant.`)
  }
}

async function createMigrationTable(client: SqlClient): Promise<void> {
  await client.query('create schema if not exists vivant')
  await client.query('create schema if not exists vivant_data')
  await client.query('create table if not exists vivant.migration (name text primary key, hash text not null, applied_at timestamptz not null default now())')
}

async function createExtension(client: SqlClient): Promise<void> {
  const { rows } = await client.query<{ version: string | null }>("select default_version as version from pg_available_extensions where name = 'vector'")
  const version = rows[0]?.version
  if (!version)
    throw new VivantError(
      'EXTENSION_MISSING',
      'This PostgreSQL server lacks the pgvector extension (0.8.0 or newer): install it there, for instance with the package postgresql-17-pgvector or the image pgvector/pgvector.',
    )
  await client.query('create extension if not exists vector')
  const installed = await client.query<{ version: string }>("select extversion as version from pg_extension where extname = 'vector'")
  if (compareVersions(installed.rows[0]!.version, '0.8.0') < 0)
    throw new VivantError(
      'EXTENSION_MISSING',
      `pgvector ${installed.rows[0]!.version} is installed in this database, 0.8.0 is needed: run "alter extension vector update" there.`,
    )
}

async function apply(client: SqlClient, migration: Migration): Promise<void> {
  await client.query(migration.sql)
  await recordMigration(client, migration.name, migration.hash)
}

async function recordMigration(client: SqlClient, name: string, hash: string): Promise<void> {
  await client.query({
    text: 'insert into vivant.migration (name, hash) values ($1, $2) on conflict (name) do update set hash = excluded.hash, applied_at = now()',
    values: [name, hash],
  })
}

function compareVersions(left: string, right: string): number {
  const [a, b] = [left, right].map((version) => version.split('.').map(Number)) as [number[], number[]]
  for (let index = 0; index < 3; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0)
    if (difference) return difference
  }
  return 0
}
