import { createHash } from 'node:crypto'
import type { SqlClient } from '../connection/sql-client.ts'
import { activeCells, cellById, revisionTable, type CellColumn, type StoredColumn, type TableModel } from '../catalog/table-model.ts'
import { quoteName } from '../ddl/quote.ts'
import { guards } from '../guards.ts'
import { valueDecoder } from '../value/decode-value.ts'
import type { CellBatch, LoadedCells } from './cell-batch.ts'
import type { CellStatus } from './cell-status.ts'

/** What one pool's work on a table reads, worked out once per schema version. */
export interface LoadPlan {
  readonly text: string
  readonly name: string
  readonly stored: readonly StoredColumn[]
  /** Distinct sets of stored inputs, each with the columns whose token it counts into. */
  readonly revisionSets: readonly { readonly attnums: readonly number[]; readonly columns: readonly CellColumn[] }[]
  readonly cells: readonly { readonly column: CellColumn; readonly values: boolean; readonly own: boolean }[]
}

/**
 * One query, so one snapshot, for values, revisions and cells (rule 2: read apart, a value could be older than the
 * revision that goes with it, and its cell would look current for ever).
 *
 * Cells come by lateral joins with a limit, because the planner would otherwise try every order of the joins:
 * 10 cell tables took 14 ms to plan.
 */
export function planLoad(model: TableModel, pool: string): LoadPlan {
  const own = activeCells(model, pool)
  const inputs = [...new Set(own.flatMap((column) => column.cellInputs))].map((id) => cellById(model, id))
  const foreign = inputs.filter((column) => !own.includes(column))
  const attnums = new Set(own.flatMap((column) => column.storedInputs))
  const stored = model.stored.filter((column) => attnums.has(column.attnum))
  const cells = [
    ...foreign.map((column) => ({ column, values: true, own: false })),
    ...own.map((column) => ({ column, values: inputs.includes(column) || column.usesArguments, own: true })),
  ]
  const revisionSets = distinctSets(own)
  const text = `select k._id${stored.map((column) => `, t.${quoteName(column.name)}`).join('')}${revisionSets.map((_, index) => `, r.s${index}`).join('')}${cells
    .map(({ values, column }, index) => `, ${cellColumns(`c${index}`, values, column.usesArguments).join(', ')}`)
    .join('')}
from unnest($1::bigint[]) k(_id)
join ${quoteName(model.schemaName, model.name)} t on t.${quoteName(model.idColumn)} = k._id
${
  revisionSets.length
    ? `left join lateral (select ${revisionSets.map(({ attnums: set }, index) => `coalesce(${guards.tokenIsSum ? 'sum' : 'max'}(rev) filter (where attnum in (${[0, ...set].join(', ')})), 0)::bigint as s${index}`).join(', ')}
  from vivant_data.${revisionTable(model.id)} where _id = k._id) r on true`
    : ''
}
${cells.map(({ column }, index) => `left join lateral (select * from vivant_data.${quoteName(column.cellTable)} where _id = k._id limit 1) c${index} on true`).join('\n')}
order by k._id`
  return { text, name: `load_${model.id}_${model.schemaVersion}_${hashName(text)}`, stored, revisionSets, cells }
}

/** Loads rows by id. Ids must be distinct and ascending. */
export async function loadCells(client: SqlClient, plan: LoadPlan, ids: readonly number[]): Promise<CellBatch> {
  const query = { text: plan.text, name: plan.name, values: [`{${ids.join(',')}}`] }
  let { rows } = await client.queryArrays(query)
  let at = 0
  const column = <T>(read: (value: unknown) => T): T[] => {
    const index = at++
    return rows.map((row) => read(row[index]))
  }
  const present = column(Number)
  const stored = new Map(plan.stored.map((entry) => [entry.attnum, column(valueDecoder(entry.type))]))
  if (!guards.oneSnapshot) ({ rows } = await client.queryArrays(query))
  const revisions = new Map<number, readonly number[]>()
  for (const set of plan.revisionSets) {
    const sums = column(Number)
    for (const entry of set.columns) revisions.set(entry.id, sums)
  }
  const skip = (columns: number): void => void (at += columns)
  const cells = new Map(plan.cells.map(({ column: entry, values }) => [entry.id, readCells(column, skip, entry, values)]))
  return { ids: present, stored, revisions, cells }
}

type ReadColumn = <T>(read: (value: unknown) => T) => T[]

function readCells(column: ReadColumn, skip: (columns: number) => void, entry: CellColumn, withValues: boolean): LoadedCells {
  const status = column((value) => value as CellStatus | null)
  // new rows have no cells, and most rows that a worker loads are new
  if (isEmpty(status)) {
    skip(5 + (withValues ? 1 : 0) + (entry.usesArguments ? 1 : 0))
    return noCells(status, withValues, entry.usesArguments)
  }
  return {
    status,
    version: column(Number),
    token: column(Number),
    seq: column(Number),
    attempts: column(Number),
    due: column((value) => value === true),
    values: withValues ? column(valueDecoder(entry.type)) : null,
    argumentHashes: entry.usesArguments ? column((value) => value as string | null) : null,
  }
}

function isEmpty(status: readonly (CellStatus | null)[]): status is readonly null[] {
  return status.every((value) => value === null)
}

function noCells(status: readonly null[], withValues: boolean, withArguments: boolean): LoadedCells {
  const zeros = Array.from<number>({ length: status.length }).fill(0)
  const no = Array.from<boolean>({ length: status.length }).fill(false)
  return {
    status,
    version: zeros,
    token: zeros,
    seq: zeros,
    attempts: zeros,
    due: no,
    values: withValues ? status : null,
    argumentHashes: withArguments ? status : null,
  }
}

function cellColumns(alias: string, values: boolean, args: boolean): string[] {
  return [
    `${alias}.status`,
    `${alias}.version`,
    `${alias}.token`,
    `${alias}.seq`,
    `${alias}.attempts`,
    `${alias}.status = 'error' and coalesce((${alias}.info->>'retryAt')::timestamptz <= clock_timestamp(), true)`,
    ...(values ? [`${alias}.value`] : []),
    ...(args ? [`${alias}.args`] : []),
  ]
}

function distinctSets(columns: readonly CellColumn[]): LoadPlan['revisionSets'] {
  const sets = new Map<string, { attnums: readonly number[]; columns: CellColumn[] }>()
  for (const column of columns) {
    const key = column.storedInputs.join(',')
    const set = sets.get(key) ?? { attnums: column.storedInputs, columns: [] }
    set.columns.push(column)
    sets.set(key, set)
  }
  return [...sets.values()]
}

/** A short name that differs when the text does: a server's prepared statement is found by it. */
export function hashName(text: string): string {
  return createHash('sha1').update(text).digest('base64url')
}
