import { encodeValue } from '../value/encode-value.ts'
import type { RowBatch } from './row-batch.ts'

/** What the server says of a violated constraint (`DatabaseError` of node-postgres). */
export interface ViolationLike {
  readonly code?: string
  readonly detail?: string
}

/**
 * The rows of a batch that a constraint was violated by, as far as the server's detail tells: it names the columns and the
 * values of the key. Of rows with one key all but the first are given; a single one conflicts with a row that stands.
 */
export function violatedRows(error: ViolationLike, batch: RowBatch): readonly number[] {
  const match = /^Key \((.*)\)=\((.*)\) /su.exec(error.detail ?? '')
  if (!match) return []
  const names = match[1]!.split(', ').map(unquote)
  const columns = names.flatMap((name) => batch.columns.find((column) => column.name === name) ?? [])
  if (columns.length !== names.length) return []
  const wanted = match[2]!
  const found: number[] = []
  for (let row = 0; row < batch.rowCount; row++) {
    const key = columns.map((column) => encodeValue(column.type, column.values[row]) ?? 'null').join(', ')
    if (key === wanted) found.push(row)
  }
  return error.code === '23505' && found.length > 1 ? found.slice(1) : found
}

function unquote(name: string): string {
  return name.startsWith('"') && name.endsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}
