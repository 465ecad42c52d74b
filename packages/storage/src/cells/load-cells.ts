import { filled } from '@vivant/core'
import type { SqlClient } from '../connection/sql-client.ts'
import { activeCells, cellById, revisionTable, type CellColumn, type StoredColumn, type TableModel } from '../catalog/table-model.ts'
import { hashName } from '../connection/hash-name.ts'
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
 * 10 cell tables took 14 ms to plan. Most rows that a worker loads are new, so each table is first asked, in the same
 * snapshot, whether it has anything between the least and the greatest id; where it has not, no row is looked up.
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
  const selected = [
    'k._id',
    ...stored.map((column) => `t.${quoteName(column.name)}`),
    ...(revisionSets.length ? ['r.sums'] : []),
    ...cells.flatMap(({ column, values }, index) => [
      `c${index}.state`,
      ...(values ? [`c${index}.value`] : []),
      ...(column.usesArguments ? [`c${index}.args`] : []),
    ]),
  ]
  const text = `select ${selected.join(', ')}
from unnest($1::bigint[]) k(_id)
join ${quoteName(model.schemaName, model.name)} t on t.${quoteName(model.idColumn)} = k._id
${revisionSets.length ? revisionJoin(model, revisionSets) : ''}
${cells.map(({ column, values }, index) => cellJoin(column, values, `c${index}`)).join('\n')}
order by k._id`
  return { text, name: `load_${model.id}_${model.schemaVersion}_${hashName(text)}`, stored, revisionSets, cells }
}

function revisionJoin(model: TableModel, sets: LoadPlan['revisionSets']): string {
  const table = `vivant_data.${revisionTable(model.id)}`
  const sums = sets.map(({ attnums }) => `coalesce(${guards.tokenIsSum ? 'sum' : 'max'}(rev) filter (where attnum in (${[0, ...attnums].join(', ')})), 0)`)
  return `left join lateral (select concat_ws(' ', ${sums.join(', ')}) as sums from ${table} where _id = k._id and ${hasAny(table)} having count(*) > 0) r on true`
}

function cellJoin(column: CellColumn, values: boolean, alias: string): string {
  const table = `vivant_data.${quoteName(column.cellTable)}`
  const due = `status = 'error' and coalesce((info->>'retryAt')::timestamptz <= clock_timestamp(), true)`
  const selected = [
    `concat_ws(' ', status, version, token, seq, attempts, ${due}) as state`,
    ...(values ? ['value'] : []),
    ...(column.usesArguments ? ['args'] : []),
  ]
  return `left join lateral (select ${selected.join(', ')} from ${table} where _id = k._id and ${hasAny(table)} limit 1) ${alias} on true`
}

/** Asked once per load. The order makes it one step down the index, whatever the planner knows of the table. */
function hasAny(table: string): string {
  return `(select _id from ${table} where _id >= $2 order by _id limit 1) <= $3`
}

/** Loads rows by id. Ids must be distinct and ascending. */
export async function loadCells(client: SqlClient, plan: LoadPlan, ids: readonly number[]): Promise<CellBatch> {
  // a pool whose columns are all gone asks for nothing but the ids, and a parameter too many is an error
  const bounds = plan.cells.length ? [ids[0] ?? 0, ids.at(-1) ?? 0] : []
  const query = { text: plan.text, name: plan.name, values: [`{${ids.join(',')}}`, ...bounds] }
  let { rows } = await client.queryArrays(query)
  let at = 0
  const column = <T>(read: (value: unknown, row: number) => T): T[] => {
    const index = at++
    return rows.map((values, row) => read(values[index], row))
  }
  const present = column(Number)
  const undecoded = new Map<number, Map<number, string>>()
  const stored = new Map(plan.stored.map((entry) => [entry.attnum, column(carefulDecoder(entry, undecoded))]))
  if (!guards.oneSnapshot) ({ rows } = await client.queryArrays(query))
  return {
    ids: present,
    stored,
    undecoded: undecoded.size ? undecoded : null,
    revisions: readRevisions(column, plan),
    cells: new Map(plan.cells.map((entry) => [entry.column.id, readCells(column, entry)])),
  }
}

/** One value that only another client can have written fails the cells that read it, not the load of all the rows. */
function carefulDecoder({ attnum, type }: StoredColumn, undecoded: Map<number, Map<number, string>>): (value: unknown, row: number) => unknown {
  const decode = valueDecoder(type)
  return (value, row) => {
    try {
      return decode(value)
    } catch (error) {
      const reasons = undecoded.get(attnum) ?? new Map<number, string>()
      undecoded.set(attnum, reasons.set(row, (error as Error).message))
      return null
    }
  }
}

type ReadColumn = <T>(read: (value: unknown) => T) => T[]

/** For each column of the pool, its set's sums; zeros where a row has no revisions. */
function readRevisions(column: ReadColumn, plan: LoadPlan): Map<number, readonly number[]> {
  const revisions = new Map<number, readonly number[]>()
  if (!plan.revisionSets.length) return revisions
  const texts = column((value) => value as string | null)
  const sums = plan.revisionSets.map(() => filled(texts.length, 0))
  for (const [row, text] of texts.entries()) if (text !== null) for (const [index, sum] of text.split(' ').entries()) sums[index]![row] = Number(sum)
  for (const [index, set] of plan.revisionSets.entries()) for (const entry of set.columns) revisions.set(entry.id, sums[index]!)
  return revisions
}

function readCells(column: ReadColumn, { column: entry, values }: LoadPlan['cells'][number]): LoadedCells {
  const states = column((value) => value as string | null)
  const rows = states.length
  const cells = {
    status: filled<CellStatus | null>(rows, null),
    version: filled(rows, 0),
    token: filled(rows, 0),
    seq: filled(rows, 0),
    attempts: filled(rows, 0),
    due: filled(rows, false),
  }
  for (const [row, state] of states.entries()) {
    if (state === null) continue
    const [status, version, token, seq, attempts, due] = state.split(' ')
    cells.status[row] = status as CellStatus
    cells.version[row] = Number(version)
    cells.token[row] = Number(token)
    cells.seq[row] = Number(seq)
    cells.attempts[row] = Number(attempts)
    cells.due[row] = due === 't'
  }
  return {
    ...cells,
    values: values ? column(valueDecoder(entry.type)) : null,
    argumentHashes: entry.usesArguments ? column((value) => value as string | null) : null,
  }
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
