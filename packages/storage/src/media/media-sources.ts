import { createHash } from 'node:crypto'
import type { StoredColumn, TableModel } from '../catalog/table-model.ts'
import type { SqlClient, Statement } from '../connection/sql-client.ts'
import { quoteName } from '../ddl/quote.ts'

/** What a reference led to when it was read last, and how its owner tells whether it changed. */
export interface MediaSource {
  readonly sha256: string
  readonly extension: string
  readonly validator: Readonly<Record<string, string>>
}

export async function readMediaSource(client: SqlClient, reference: string): Promise<MediaSource | null> {
  const { rows } = await client.query<MediaSource>({
    name: 'vivant_read_media_source',
    text: 'select sha256, extension, validator from vivant.media_source where reference_hash = $1',
    values: [hashOf(reference)],
  })
  return rows[0] ?? null
}

export async function recordMediaSource(client: SqlClient, reference: string, { sha256, extension, validator }: MediaSource): Promise<void> {
  await client.query({
    name: 'vivant_record_media_source',
    text: `insert into vivant.media_source (reference_hash, reference, sha256, extension, validator) values ($1, $2, $3, $4, $5)
on conflict (reference_hash) do update set sha256 = excluded.sha256, extension = excluded.extension, validator = excluded.validator, read_at = now()`,
    values: [hashOf(reference), reference, sha256, extension, JSON.stringify(validator)],
  })
}

/** The ids of the rows whose column has a reference to something outside of the store, as a query. */
export function mediaReferences(model: TableModel, column: StoredColumn): Statement {
  const name = quoteName(column.name)
  return {
    text: `select ${quoteName(model.idColumn)} from ${quoteName(model.schemaName, model.name)} where ${name} is not null and ${name} not like 'vivant://%'`,
  }
}

/** References that led to media which have been collected. */
export async function forgetMediaSources(client: SqlClient): Promise<void> {
  await client.query('delete from vivant.media_source s where not exists (select from vivant.media m where m.sha256 = s.sha256)')
}

function hashOf(reference: string): string {
  return createHash('sha256').update(reference).digest('hex')
}
