import { describeValue, nearestName, type TableDefinition, VivantError } from '@vivant/core'
import type { RowBatch } from '@vivant/storage'
import { applyReferences, checkColumn, type ColumnValues, type MediaSlot, mediaSlots, readColumn } from './column-values.ts'
import type { InvalidRow, RowInput } from './insert-options.ts'

/** Rows as they will be stored. */
export interface ParsedRows {
  /** The valid ones, in order. */
  readonly batch: RowBatch
  /** Position in the input of each row of the batch. */
  readonly indexes: readonly number[]
  readonly invalid: readonly InvalidRow[]
}

export interface ParseOptions {
  /** Index of the first row, for messages: rows of an async iterable come in pieces. */
  readonly firstIndex: number
  readonly onInvalid: 'error' | 'skip'
  /** Names of columns that Vivant writes. */
  readonly derived: ReadonlySet<string>
  /** Takes a medium in; gives its reference. */
  readonly takeIn: (slots: readonly MediaSlot[], reject: (slot: MediaSlot, reason: string) => void) => Promise<void>
  /** Read these columns alone: an upsert leaves what a row does not name as it is. */
  readonly only?: ReadonlySet<string>
}

const maxListed = 100
const maxInMessage = 5

/**
 * Validates rows against the table's definition, column by column, and takes their media in (only of rows that are valid
 * otherwise).
 *
 * @throws ROW_INVALID with the first invalid rows, when `onInvalid` is `error`
 */
export async function parseRows(table: TableDefinition, rows: readonly RowInput[], options: ParseOptions): Promise<ParsedRows> {
  const rejected = new Uint8Array(rows.length)
  const invalid: InvalidRow[] = []
  const reject = (row: number, column: string | null, reason: string): void => {
    // one reason per row is enough
    if (rejected[row]) return
    rejected[row] = 1
    invalid.push({ index: options.firstIndex + row, column, reason })
  }
  const isRejected = (row: number): boolean => rejected[row] === 1
  checkFields(table, rows, options.derived, reject)
  const definitions = options.only ? table.columns.filter(({ name }) => options.only!.has(name)) : table.columns
  const columns = definitions.map((definition) => readColumn(rows, definition, isRejected, reject))
  for (const column of columns) checkColumn(column, isRejected, reject)
  if (invalid.length && options.onInvalid === 'error') throw rowsInvalid(table.name, rows.length, invalid)
  await takeMediaIn(columns, options, isRejected, reject)
  if (invalid.length && options.onInvalid === 'error') throw rowsInvalid(table.name, rows.length, invalid)
  return { ...validRows(columns, rejected, options.firstIndex), invalid: invalid.toSorted((left, right) => left.index - right.index) }
}

async function takeMediaIn(
  columns: readonly ColumnValues[],
  options: ParseOptions,
  isRejected: (row: number) => boolean,
  reject: (row: number, column: string, reason: string) => void,
): Promise<void> {
  const slots = columns.map((column) => mediaSlots(column, isRejected))
  const all = slots.flat()
  if (!all.length) return
  await options.takeIn(all, (slot, reason) => reject(slot.row, slot.column, reason.replace(/\.$/u, '')))
  for (const [index, column] of columns.entries()) applyReferences(column, slots[index]!, isRejected, reject as never)
}

/** Every row is an object, and names only columns that may be written. */
function checkFields(
  table: TableDefinition,
  rows: readonly RowInput[],
  derived: ReadonlySet<string>,
  reject: (row: number, column: string | null, reason: string) => void,
): void {
  const known = new Set(table.columns.map((column) => column.name))
  for (let row = 0; row < rows.length; row++) {
    const value: unknown = rows[row]
    if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value) || value instanceof Date) {
      reject(row, null, `${describeValue(value)} is no row: an object of columns is needed`)
      continue
    }
    for (const name of Object.keys(value)) {
      if (known.has(name) || (value as RowInput)[name] === undefined) continue
      reject(row, name, unknownField(name, table, derived))
    }
  }
}

function unknownField(name: string, table: TableDefinition, derived: ReadonlySet<string>): string {
  if (name === '_id') return 'is given by the database'
  if (derived.has(name)) return 'is computed: Vivant writes it, an insert or update cannot'
  const names = table.columns.map((column) => column.name)
  const nearest = nearestName(name, names)
  return `"${table.name}" has no such column; ${nearest ? `did you mean "${nearest}"?` : `its columns are ${names.join(', ') || '(none)'}`}`
}

/** Columns that no row names are left to the database's defaults, as long as there is another one to write. */
function validRows(columns: readonly ColumnValues[], rejected: Uint8Array, firstIndex: number): Pick<ParsedRows, 'batch' | 'indexes'> {
  const kept: number[] = []
  for (let row = 0; row < rejected.length; row++) if (!rejected[row]) kept.push(row)
  const whole = kept.length === rejected.length
  const written = columns.some((column) => column.given) ? columns.filter((column) => column.given) : columns
  return {
    batch: {
      rowCount: kept.length,
      columns: written.map(({ definition: { name, type }, values }) => ({ name, type, values: whole ? values : kept.map((row) => values[row]) })),
    },
    indexes: kept.map((row) => firstIndex + row),
  }
}

/** NOT_WRITABLE, when that is all that is wrong; ROW_INVALID otherwise. */
export function rowsInvalid(table: string, rowCount: number, invalid: readonly InvalidRow[], note = 'nothing was stored'): VivantError {
  const shown = invalid.toSorted((left, right) => left.index - right.index).slice(0, maxListed)
  const list = shown.slice(0, maxInMessage).map(describeInvalid).join('; ')
  const more = invalid.length > maxInMessage ? `; and ${invalid.length - maxInMessage} more` : ''
  const what = rowCount === 1 ? 'The row is invalid' : `${invalid.length} of ${rowCount} rows ${invalid.length === 1 ? 'is' : 'are'} invalid`
  const notWritable = invalid.every(({ reason }) => reason.startsWith('is computed') || reason === 'is given by the database')
  return new VivantError(notWritable ? 'NOT_WRITABLE' : 'ROW_INVALID', `${what}, so ${note} in "${table}": ${list}${more}.`, {
    details: { table, invalid: shown, count: invalid.length },
  })
}

function describeInvalid({ index, column, reason }: InvalidRow): string {
  return column === null ? `row ${index}: ${reason}` : `row ${index}, column "${column}": ${reason}`
}
