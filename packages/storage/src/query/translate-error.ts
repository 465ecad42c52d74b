import { type ErrorCode, VivantError } from '@vivant/core'

/** What an error of PostgreSQL tells, whichever of the two drivers it came through. */
interface PostgresError {
  readonly code: string
  readonly message: string
  readonly detail?: string
  readonly schema?: string
  readonly table?: string
  readonly column?: string
  readonly constraint?: string
}

/** The table that a statement wrote to or read; its columns' names find a constraint's column. */
export interface TranslatedTable {
  readonly name: string
  readonly stored: readonly { readonly name: string }[]
}

type Say = (error: PostgresError, columns: readonly string[]) => string

interface Rule {
  readonly code: ErrorCode
  readonly say: Say
}

const violated = (say: Say): Rule => ({ code: 'CONSTRAINT_VIOLATED', say })
const invalid = (say: Say): Rule => ({ code: 'VALUE_INVALID', say })

/** By SQLSTATE: what went wrong, in words. */
const rules: Readonly<Record<string, Rule>> = {
  '23505': violated((error, columns) => `${subject(columns)} must be unique, and ${keyText(error) ?? 'this value'} is there already`),
  '23503': violated((error, columns) => {
    const key = keyText(error) ?? 'the value'
    const other = /table "([^"]+)"\.?$/u.exec(error.detail ?? '')?.[1]
    return isStillReferenced(error)
      ? `the row with ${key} is still referenced by ${quoted(other) ?? 'another table'}`
      : `${subject(columns)} must refer to a row of ${quoted(other) ?? 'another table'}, which has none with ${key}`
  }),
  '23514': violated((error, columns) => `${subject(columns)} breaks the check '${error.constraint ?? ''}'`),
  '23502': violated((_error, columns) => `${subject(columns)} may not be null`),
  '23P01': violated((error) => `the row conflicts with another by the constraint '${error.constraint ?? ''}'`),
  '22001': invalid((error) => `a value is too long: ${error.message}`),
  '22003': invalid((error) => `a number is out of range: ${error.message}`),
  '22P02': invalid((error) => error.message),
  '22007': invalid((error) => error.message),
  '22008': invalid((error) => error.message),
  '22021': invalid(() => 'a text contains a NUL character or is no Unicode text, which PostgreSQL cannot store'),
  '22P05': invalid(() => 'a text contains a character that PostgreSQL cannot store'),
  '22P03': invalid((error) => error.message),
  '22000': invalid((error) => error.message),
  '55000': { code: 'NOT_WRITABLE', say: (error) => error.message.replace(/^vivant: /u, '') },
  '54000': { code: 'TOO_LARGE', say: (error) => error.message },
  '57014': { code: 'ABORTED', say: () => 'the statement was cancelled' },
}

/**
 * What PostgreSQL refused, as an error of Vivant's: CONSTRAINT_VIOLATED with the table, constraint and columns in `details` and the
 * reason in words, VALUE_INVALID for a value that the column's type cannot hold. Anything else comes back as it is.
 *
 * @example
 * try { await client.query(insert) } catch (error) { throw translateError(error, model) }
 */
export function translateError(error: unknown, table?: TranslatedTable): unknown {
  if (!isPostgresError(error)) return error
  const rule = rules[error.code]
  // of this state, which has many reasons, only our own triggers' is about rows
  if (rule === undefined || (error.code === '55000' && !error.message.startsWith('vivant: '))) return error
  const name = error.table ?? table?.name
  const columns = columnsOf(error, table)
  return new VivantError(rule.code, `${name === undefined ? '' : `'${name}': `}${rule.say(error, columns)}.`, {
    cause: error,
    details: {
      ...(name === undefined ? {} : { table: name }),
      ...(columns.length > 0 ? { column: columns[0], columns } : {}),
      ...(error.constraint === undefined ? {} : { constraint: error.constraint }),
      sqlState: error.code,
    },
  })
}

/** Whether an error is one that PostgreSQL raised, with a SQLSTATE. */
export function isPostgresError(error: unknown): error is PostgresError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/u.test(error.code) && !(error instanceof VivantError)
}

/** From the error itself, from its detail (`Key (slug, lang)=(a, b) …`), or from the name that PostgreSQL gives a check of a column. */
function columnsOf(error: PostgresError, table: TranslatedTable | undefined): readonly string[] {
  if (error.column !== undefined) return [error.column]
  const names = /^Key \((.+?)\)=\(/su.exec(error.detail ?? '')?.[1]
  if (names !== undefined && !isStillReferenced(error)) return names.split(', ').map((name) => name.replace(/^"(.*)"$/u, '$1').replaceAll('""', '"'))
  const found = table?.stored.find(({ name }) => isCheckOf(error.constraint, error.table ?? table.name, name))
  return found === undefined ? [] : [found.name]
}

function isCheckOf(constraint: string | undefined, table: string, column: string): boolean {
  const prefix = `${table}_${column}_check`
  return constraint !== undefined && constraint.startsWith(prefix) && /^\d*$/u.test(constraint.slice(prefix.length))
}

function isStillReferenced(error: PostgresError): boolean {
  return error.detail?.includes('is still referenced') ?? false
}

function keyText(error: PostgresError): string | undefined {
  const match = /^Key \((.+?)\)=\((.*)\) (?:already exists|is not present|is still)/su.exec(error.detail ?? '')
  return match?.[2] === undefined ? undefined : `(${match[2].length > 80 ? `${match[2].slice(0, 80)}…` : match[2]})`
}

function quoted(name: string | undefined): string | undefined {
  return name === undefined ? undefined : `'${name}'`
}

function subject(columns: readonly string[]): string {
  if (columns.length === 0) return 'a value'
  return columns.map((column) => `'${column}'`).join(', ')
}
