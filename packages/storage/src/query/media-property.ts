import { VivantError } from '@vivant/core'
import { sql } from 'kysely'
import type { Fragment } from '../expression/sql-operator.ts'

/** Joins what is known of a reference's content: the hash stands after `vivant://`. No other reference has a row. */
export function mediaTable(alias: string, reference: Fragment): Fragment {
  return sql`left join vivant.media ${sql.raw(alias)} on ${sql.raw(alias)}.sha256 = substr(${reference}, 10, 64) collate "C" and starts_with(${reference}, 'vivant://')`
}

/** A property of the content, of the type that the expression has. */
export function mediaPropertySql(alias: string, property: string): Fragment {
  const make = properties[property]
  if (make === undefined) throw new VivantError('EXPRESSION_INVALID', `Media have no property '${property}'.`)
  return sql.raw(make(alias))
}

const properties: Readonly<Record<string, (alias: string) => string>> = {
  width: (m) => `${m}.width::int8`,
  height: (m) => `${m}.height::int8`,
  pageCount: (m) => `${m}.page_count::int8`,
  sizeBytes: (m) => `${m}.size_bytes`,
  duration: (m) => `${m}.duration_seconds`,
  mimeType: (m) => `${m}.mime_type`,
  metadata: (m) =>
    `(case when ${m}.sha256 is not null then jsonb_build_object('sha256', ${m}.sha256, 'extension', ${m}.extension, 'mimeType', ${m}.mime_type, 'sizeBytes', ${m}.size_bytes, 'width', ${m}.width, 'height', ${m}.height, 'durationSeconds', ${m}.duration_seconds, 'pageCount', ${m}.page_count, 'details', ${m}.details) end)`,
}
