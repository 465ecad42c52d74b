import type { VectorMetric } from '@vivant/core'
import { readTables } from '../catalog/read-catalog.ts'
import type { CellColumn } from '../catalog/table-model.ts'
import type { Database } from '../connection/database.ts'
import type { SqlClient } from '../connection/sql-client.ts'
import { quoteName } from '../ddl/quote.ts'

export interface VectorIndexOptions {
  /** Vectors from which on an index is worth having: fewer are compared one by one in about a millisecond (default 5,000). */
  readonly threshold?: number
  /** Ends a build that is under way; what is left of it is removed by the next. */
  readonly signal?: AbortSignal
}

/** pgvector indexes no longer vectors. */
const maxDimensions = 2000
const lockSpace = 7665
const operatorClasses: Readonly<Record<VectorMetric, string>> = { cosine: 'vector_cosine_ops', l2: 'vector_l2_ops', innerProduct: 'vector_ip_ops' }

/**
 * Builds the HNSW indexes that embedding indexes lack and have enough vectors for, one after the other; on a server beside writers, which
 * takes minutes for millions of vectors. Several processes may call it at once: one of them builds. Gives the names of what was built.
 */
export async function buildVectorIndexes(database: Database, { threshold = 5000, signal }: VectorIndexOptions = {}): Promise<readonly string[]> {
  const built: string[] = []
  for (const model of await readTables(database))
    for (const cell of model.cells) {
      if (signal?.aborted) return built
      const index = vectorIndexOf(cell)
      if (index && (await buildIndex(database, index, threshold, signal))) built.push(index.name)
    }
  return built
}

interface VectorIndex {
  readonly columnId: number
  readonly table: string
  readonly name: string
  readonly operatorClass: string
}

function vectorIndexOf(cell: CellColumn): VectorIndex | null {
  const metric = (cell.options['index'] as { readonly metric: VectorMetric } | undefined)?.metric
  if (metric === undefined || cell.type.kind !== 'vector' || cell.type.dimensions > maxDimensions) return null
  return {
    columnId: cell.id,
    table: `vivant_data.${quoteName(cell.cellTable)}`,
    name: `${cell.cellTable}_hnsw_${metric.toLowerCase()}`,
    operatorClass: operatorClasses[metric],
  }
}

async function buildIndex(database: Database, index: VectorIndex, threshold: number, signal: AbortSignal | undefined): Promise<boolean> {
  // looked at without a connection of its own: most of the time there is nothing to do
  if (!(await isDue(database, index, threshold))) return false
  return database.session(async (client) => {
    const lock = await client.query<{ taken: boolean; pid: number }>({
      text: 'select pg_try_advisory_lock($1, $2) as taken, pg_backend_pid() as pid',
      values: [lockSpace, index.columnId],
    })
    const { taken, pid } = lock.rows[0]!
    if (!taken) return false
    const cancel = (): void => void database.query({ text: 'select pg_cancel_backend($1)', values: [pid] }).catch(() => {})
    signal?.addEventListener('abort', cancel)
    try {
      if (signal?.aborted || !(await isDue(client, index, threshold))) return false
      await create(client, index, database.profile.name === 'server' ? 'concurrently ' : '')
      return true
    } catch (error) {
      if (isPassing(error)) return false
      throw error
    } finally {
      signal?.removeEventListener('abort', cancel)
      await client.query({ text: 'select pg_advisory_unlock($1, $2)', values: [lockSpace, index.columnId] })
    }
  })
}

/** Cancelled, the table dropped meanwhile, or another session in the way: the next time. */
function isPassing(error: unknown): boolean {
  return ['57014', '42P01', '40P01', '55P03'].includes((error as { code?: string }).code ?? '')
}

async function isDue(client: SqlClient, { name, table }: VectorIndex, threshold: number): Promise<boolean> {
  const { rows } = await client.query<{ standing: boolean; enough: boolean }>({
    text: `select exists (select from pg_index where indexrelid = to_regclass($1) and indisvalid) as standing,
  (select count(*) from (select from ${table} where value is not null limit $2) few) >= $2 as enough`,
    values: [quoteName('vivant_data', name), threshold],
  })
  return rows[0]!.enough && !rows[0]!.standing
}

/** A build that crashed leaves an invalid index, which is written to and never used. */
async function create(client: SqlClient, { name, table, operatorClass }: VectorIndex, concurrently: string): Promise<void> {
  await client.query(`drop index ${concurrently}if exists vivant_data.${quoteName(name)}`)
  await client.query(`create index ${concurrently}${quoteName(name)} on ${table} using hnsw (value ${operatorClass})`)
}
