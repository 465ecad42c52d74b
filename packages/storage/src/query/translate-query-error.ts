import { type ErrorCode, VivantError } from '@vivant/core'
import { isPostgresError, type TranslatedTable, translateError } from './translate-error.ts'

/** By the class or the whole of the SQLSTATE. */
const codes: readonly (readonly [sqlState: string, code: ErrorCode])[] = [
  ['42P01', 'TABLE_NOT_FOUND'],
  ['42703', 'COLUMN_NOT_FOUND'],
  ['53300', 'DATABASE_UNREACHABLE'],
  ['57P0', 'DATABASE_UNREACHABLE'],
  ['08', 'DATABASE_UNREACHABLE'],
]

/** `translateError` for a statement that the query itself was made into: whatever PostgreSQL says comes as an error of Vivant's. */
export function translateQueryError(error: unknown, table: TranslatedTable): unknown {
  const translated = translateError(error, table)
  if (!isPostgresError(translated)) return translated
  const code = codes.find(([sqlState]) => translated.code.startsWith(sqlState))?.[1] ?? 'DATABASE_ERROR'
  return new VivantError(code, `PostgreSQL refused a statement about '${table.name}': ${translated.message}.`, {
    cause: translated,
    details: { table: table.name, sqlState: translated.code },
  })
}
