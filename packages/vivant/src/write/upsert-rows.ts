import { type TableDefinition, VivantError } from '@vivant/core'
import { encodeValue, type RowBatch, type SqlClient, type SqlTransaction, sliceRows, pickRows, upsertBatch } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'
import { checkOptions } from './check-options.ts'
import { batchRanges } from './batch-ranges.ts'
import type { InvalidRow, RowInput, RowsInput, UpsertOptions, WriteResult } from './insert-options.ts'
import { derivedColumns } from './insert-rows.ts'
import { parseRows, rowsInvalid } from './parse-rows.ts'
import { rowsAtHand } from './row-source.ts'
import { insertableModel } from './table-model.ts'
import { abortedError, mediaConcurrency, takeMediaIn } from './take-media-in.ts'
import { translateWriteError } from './translate-write-error.ts'

const upsertOptions = { on: true, onInvalid: true, signal: true, mediaConcurrency: true } as const satisfies Readonly<Record<keyof UpsertOptions, true>>

/**
 * Inserts rows, or updates the ones whose `on` columns match a row that stands: one transaction. What a row does not name
 * stays as it is in a row that stands, and gets its default in a new one.
 *
 * @throws CONFIGURATION_INVALID when no unique constraint covers exactly the `on` columns
 * @throws ROW_INVALID invalid rows, rows without a key, and two rows with one key
 * @throws CONSTRAINT_VIOLATED another constraint than that of the key
 * @example
 * const { ids } = await upsertRows(runtime, definition, [{ slug: 'a', title: 'A' }], { on: 'slug' })
 */
export async function upsertRows(
  runtime: Runtime,
  table: TableDefinition,
  rows: RowsInput,
  options: UpsertOptions,
  client?: SqlTransaction,
): Promise<WriteResult> {
  checkOptions('upsert()', options ?? {}, upsertOptions)
  const on = keyColumns(table, options?.on)
  const concurrency = mediaConcurrency(options.mediaConcurrency)
  const { signal } = options
  const model = await insertableModel(runtime, table.name, client)
  const media = client ? runtime.media.on(client) : runtime.media
  const given = rowsAtHand(rows) ?? (await Array.fromAsync(rows as AsyncIterable<RowInput>))
  const invalid: InvalidRow[] = []
  const groups: { readonly batch: RowBatch; readonly indexes: readonly number[] }[] = []
  for (const [names, positions] of groupByColumns(given)) {
    const parsed = await parseRows(
      table,
      positions.map((position) => given[position]!),
      {
        firstIndex: 0,
        onInvalid: 'skip',
        derived: derivedColumns(table, model),
        takeIn: (slots, reject) => takeMediaIn(media, slots, reject, { concurrency, signal }),
        only: new Set([...names, ...requiredColumns(table), ...on]),
      },
    )
    for (const row of parsed.invalid) invalid.push({ ...row, index: positions[row.index]! })
    groups.push({ batch: parsed.batch, indexes: parsed.indexes.map((index) => positions[index]!) })
  }
  invalid.push(...repeatedKeys(groups, on))
  if (invalid.length && options.onInvalid !== 'skip') throw rowsInvalid(table.name, given.length, invalid)
  const bad = new Set(invalid.map((row) => row.index))
  const ids: { readonly index: number; readonly id: number }[] = []
  const write = async (executor: SqlClient): Promise<void> => {
    for (const group of groups) {
      const { batch, indexes } = inKeyOrder(group, on, bad)
      for (const { from, to } of batchRanges(batch, table.name, (row) => indexes[row]!)) {
        if (signal?.aborted) throw abortedError(signal)
        const piece = sliceRows(batch, from, to)
        try {
          const written = await upsertBatch(executor, model, piece, { on, prepared: !client })
          for (const [row, id] of written.entries()) ids.push({ index: indexes[from + row]!, id })
        } catch (error) {
          throw translateWriteError(error, { model, batch: piece, indexes: indexes.slice(from, to) })
        }
      }
    }
  }
  await (client ? write(client) : runtime.database.transaction(write))
  if (!client) runtime.wake()
  const ordered = ids.toSorted((left, right) => left.index - right.index).map(({ id }) => id)
  return { ids: ordered, count: ordered.length, invalid: invalid.toSorted((left, right) => left.index - right.index) }
}

function keyColumns(table: TableDefinition, on: unknown): readonly string[] {
  const names = typeof on === 'string' ? [on] : Array.isArray(on) ? (on as readonly string[]) : []
  const { primaryKey, unique } = table.constraints
  const single = table.columns.filter((column) => column.unique || column.primaryKey).map((column) => [column.name])
  const keys = [...single, ...(primaryKey ? [primaryKey] : []), ...unique]
  const covered = keys.some((key) => key.length === names.length && key.every((name) => names.includes(name)))
  if (covered) return names
  const choice = keys.map((key) => (key.length === 1 ? `'${key[0]}'` : `[${key.map((name) => `'${name}'`).join(', ')}]`)).join(', ')
  throw new VivantError(
    'CONFIGURATION_INVALID',
    `upsert into "${table.name}" needs { on } with unique columns, not ${JSON.stringify(on)}: ${choice ? `there is ${choice}` : 'the table has none; declare a column .unique()'}.`,
    { details: { table: table.name, on: names } },
  )
}

/** Rows that name the same columns go together: what a row leaves out must not be written. */
function groupByColumns(rows: readonly RowInput[]): ReadonlyMap<ReadonlySet<string>, readonly number[]> {
  const groups = new Map<string, { names: ReadonlySet<string>; positions: number[] }>()
  for (const [position, row] of rows.entries()) {
    const names =
      typeof row === 'object' && row !== null
        ? Object.keys(row)
            .filter((name) => row[name] !== undefined)
            .toSorted()
        : []
    const key = JSON.stringify(names)
    const group = groups.get(key) ?? { names: new Set(names), positions: [] }
    group.positions.push(position)
    groups.set(key, group)
  }
  return new Map([...groups.values()].map((group) => [group.names, group.positions]))
}

/** An upsert may insert, so what an insert needs must be there. */
function requiredColumns(table: TableDefinition): readonly string[] {
  return table.columns.filter((column) => !column.nullable && column.defaultValue === undefined).map((column) => column.name)
}

/** The second row with a key could not say which of the two should stand. A key with a null matches nothing. */
function repeatedKeys(groups: readonly { readonly batch: RowBatch; readonly indexes: readonly number[] }[], on: readonly string[]): readonly InvalidRow[] {
  const first = new Map<string, number>()
  const repeated: InvalidRow[] = []
  for (const { batch, indexes } of groups)
    for (const [row, key] of keysOf(batch, on).entries()) {
      const index = indexes[row]!
      const standing = key === null ? undefined : first.get(key)
      if (standing !== undefined)
        repeated.push({ index: Math.max(index, standing), column: on[0]!, reason: `has the same key as row ${Math.min(index, standing)}` })
      if (key !== null) first.set(key, Math.min(index, standing ?? index))
    }
  return repeated
}

/** Rows are written in the order of their keys, so that two upserts of the same rows do not wait for each other. */
function inKeyOrder(
  { batch, indexes }: { readonly batch: RowBatch; readonly indexes: readonly number[] },
  on: readonly string[],
  bad: ReadonlySet<number>,
): { batch: RowBatch; indexes: readonly number[] } {
  const keys = keysOf(batch, on)
  const order = indexes.flatMap((index, row) => (bad.has(index) ? [] : [row])).toSorted((left, right) => compareKeys(keys[left]!, keys[right]!))
  return { batch: pickRows(batch, order), indexes: order.map((row) => indexes[row]!) }
}

function compareKeys(left: string | null, right: string | null): number {
  if (left === right) return 0
  return (left ?? '') < (right ?? '') ? -1 : 1
}

function keysOf(batch: RowBatch, on: readonly string[]): readonly (string | null)[] {
  const columns = on.map((name) => batch.columns.find((column) => column.name === name))
  return Array.from({ length: batch.rowCount }, (_, row) => {
    const parts = columns.map((column) => (column ? encodeValue(column.type, column.values[row]) : null))
    return parts.includes(null) ? null : JSON.stringify(parts)
  })
}
