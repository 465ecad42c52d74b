import { describeNode, type SampleClause, VivantError } from '@vivant/core'
import { sql } from 'kysely'
import { jsonFormOf, jsonFormUnsupported } from '../expression/json-form.ts'
import type { Fragment } from '../expression/sql-operator.ts'
import type { QueryContext } from './query-context.ts'

const hashes = 2 ** 32

/** That a row is among a fraction of all. */
export function sampleCondition(sample: SampleClause | null, level: QueryContext): readonly Fragment[] {
  if (sample === null || sample.fraction === null) return []
  return [sql`((${sampleHash(sample, level)} & ${String(hashes - 1)}::int8) < ${String(Math.round(sample.fraction * hashes))}::int8)`]
}

/** A number by which rows are drawn: always the same for the same row and seed, on every machine. */
export function sampleHash({ by, seed }: SampleClause, level: QueryContext): Fragment {
  const start = sql`${String(seed)}::int8`
  if (by === null) return level.rowIds.reduce((hash, id) => sql`hashint8extended(coalesce(${id}, 0), ${hash})`, start)
  const unsupported = jsonFormUnsupported(by.type)
  if (unsupported !== undefined) throw new VivantError('TYPE_MISMATCH', `sample() cannot go by ${describeNode(by)}: ${unsupported}.`)
  return sql`hashtextextended(coalesce(${jsonFormOf(by.type, level.compile(by))}::text, '') collate "C", ${start})`
}
