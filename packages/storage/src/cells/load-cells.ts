import { filled } from '@vivant/core'
import type { SqlClient } from '../connection/sql-client.ts'
import {
  activeCells,
  ancestorAt,
  cellById,
  type CellColumn,
  holderOf,
  revisionTable,
  type StoredColumn,
  storedKey,
  type TableModel,
  viewColumns,
} from '../catalog/table-model.ts'
import { hashName } from '../connection/hash-name.ts'
import { quoteName } from '../ddl/quote.ts'
import { guards } from '../guards.ts'
import { valueDecoder } from '../value/decode-value.ts'
import type { CellBatch, LoadedCells } from './cell-batch.ts'
import { type PlannedRollUps, planRollUps, type ReadColumn, readRollUps } from './load-roll-ups.ts'
import type { CellStatus } from './cell-status.ts'

/** What one pool's work on a table reads, worked out once per schema version. */
export interface LoadPlan {
  readonly text: string
  readonly name: string
  readonly stored: readonly LoadedColumn[]
  readonly revisions: readonly LevelRevisions[]
  readonly cells: readonly { readonly column: CellColumn; readonly values: boolean; readonly own: boolean }[]
  readonly rollUps: readonly PlannedRollUps[]
}

/** A stored column, the table's own or an ancestor's. */
interface LoadedColumn {
  readonly key: number
  readonly level: number
  readonly column: StoredColumn
}

/** Of the table or of an ancestor: the distinct sets of stored columns, each with the columns whose token it counts into. */
interface LevelRevisions {
  readonly level: number
  readonly sets: readonly { readonly attnums: readonly number[]; readonly columns: readonly CellColumn[] }[]
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
  const stored = loadedColumns(model, own)
  const cells = [
    ...foreign.map((column) => ({ column, values: true, own: false })),
    ...own.map((column) => ({ column, values: inputs.includes(column) || column.usesArguments, own: true })),
  ]
  const revisions = levelsOf(own).map((level) => ({ level, sets: distinctSets(own, level) }))
  const rollUps = planRollUps(model, own)
  const depth = Math.max(...levelsOf(own), 0, ...cells.map(({ column }) => holderOf(model, column.id).level))
  const selected = [
    'k._id',
    ...stored.map(({ level, column }) => `${rowAlias(level)}.${quoteName(column.name)}`),
    ...revisions.map(({ level }) => `r${level}.sums`),
    ...rollUps.flatMap((entry) => entry.selected),
    ...cells.flatMap(({ column, values }, index) => [
      `c${index}.state`,
      ...(values ? [`c${index}.value`] : []),
      ...(column.usesArguments ? [`c${index}.args`] : []),
    ]),
  ]
  const text = `select ${selected.join(', ')}
from unnest($1::bigint[]) k(_id)
join ${quoteName(model.schemaName, model.name)} t on t.${quoteName(model.idColumn)} = k._id
${ancestorJoins(model, depth)}
${revisions.map((entry) => revisionJoin(model, entry)).join('\n')}
${rollUps.map(({ joins }) => joins).join('\n')}
${cells.map(({ column, values }, index) => cellJoin(model, column, values, `c${index}`)).join('\n')}
order by k._id`
  return { text, name: `load_${model.id}_${model.schemaVersion}_${hashName(text)}`, stored, revisions, cells, rollUps }
}

function loadedColumns(model: TableModel, columns: readonly CellColumn[]): readonly LoadedColumn[] {
  const inputs = columns.flatMap((column) => [...column.storedInputs.map((attnum) => ({ level: 0, attnum })), ...column.inheritedInputs])
  const keys = new Map(inputs.map((input) => [storedKey(input), input]))
  return [...keys]
    .toSorted(([left], [right]) => left - right)
    .map(([key, { level, attnum }]) => ({ key, level, column: ancestorAt(model, level).stored.find((column) => column.attnum === attnum)! }))
}

/** The table itself, and the ancestors whose revisions count into some token. */
function levelsOf(columns: readonly CellColumn[]): readonly number[] {
  if (!columns.length) return []
  return [...new Set([0, ...columns.flatMap((column) => column.inheritedInputs.map(({ level }) => level))])].toSorted((a, b) => a - b)
}

function rowAlias(level: number): string {
  return level === 0 ? 't' : `p${level}`
}

function rowId(model: TableModel, level: number): string {
  return level === 0 ? 'k._id' : `p${level}.${quoteName(ancestorAt(model, level).idColumn)}`
}

function ancestorJoins(model: TableModel, depth: number): string {
  return Array.from({ length: depth }, (_, below) => {
    const ancestor = ancestorAt(model, below + 1)
    const alias = rowAlias(below + 1)
    return `join ${quoteName(ancestor.schemaName, ancestor.name)} ${alias} on ${alias}.${quoteName(ancestor.idColumn)} = ${rowAlias(below)}.${viewColumns.parent}`
  }).join('\n')
}

function revisionJoin(model: TableModel, { level, sets }: LevelRevisions): string {
  const table = `vivant_data.${revisionTable(ancestorAt(model, level).id)}`
  const sums = sets.map(({ attnums }) => `coalesce(${guards.tokenIsSum ? 'sum' : 'max'}(rev) filter (where attnum in (${[0, ...attnums].join(', ')})), 0)`)
  return `left join lateral (select concat_ws(' ', ${sums.join(', ')}) as sums from ${table} where _id = ${rowId(model, level)}${probe(table, level)} having count(*) > 0) r${level} on true`
}

function cellJoin(model: TableModel, column: CellColumn, values: boolean, alias: string): string {
  const { level } = holderOf(model, column.id)
  const table = `vivant_data.${quoteName(column.cellTable)}`
  const due = `status = 'error' and coalesce((info->>'retryAt')::timestamptz <= clock_timestamp(), true)`
  const selected = [
    `concat_ws(' ', status, version, token, seq, attempts, ${due}) as state`,
    ...(values ? ['value'] : []),
    ...(column.usesArguments ? ['args'] : []),
  ]
  return `left join lateral (select ${selected.join(', ')} from ${table} where _id = ${rowId(model, level)}${probe(table, level)} limit 1) ${alias} on true`
}

/** The ids are those of the table's own rows. */
function probe(table: string, level: number): string {
  return level === 0 ? ` and ${hasAny(table)}` : ''
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
  const stored = new Map(plan.stored.map((entry) => [entry.key, column(carefulDecoder(entry, undecoded))]))
  if (!guards.oneSnapshot) ({ rows } = await client.queryArrays(query))
  const revisions = readRevisions(column, plan)
  const rollUps = readRollUps(column, plan.rollUps, revisions)
  return {
    ids: present,
    stored,
    undecoded: undecoded.size ? undecoded : null,
    revisions,
    rollUps,
    cells: new Map(plan.cells.map((entry) => [entry.column.id, readCells(column, entry)])),
  }
}

/** One value that only another client can have written fails the cells that read it, not the load of all the rows. */
function carefulDecoder({ key, column: { type } }: LoadedColumn, undecoded: Map<number, Map<number, string>>): (value: unknown, row: number) => unknown {
  const decode = valueDecoder(type)
  return (value, row) => {
    try {
      return decode(value)
    } catch (error) {
      const reasons = undecoded.get(key) ?? new Map<number, string>()
      undecoded.set(key, reasons.set(row, (error as Error).message))
      return null
    }
  }
}

/** For each column of the pool the sum over its sets, those of ancestors too; zeros where rows have no revisions. */
function readRevisions(column: ReadColumn, plan: LoadPlan): Map<number, readonly number[]> {
  const revisions = new Map<number, readonly number[]>()
  for (const { sets } of plan.revisions) {
    const texts = column((value) => value as string | null)
    const sums = sets.map(() => filled(texts.length, 0))
    for (const [row, text] of texts.entries()) if (text !== null) for (const [index, sum] of text.split(' ').entries()) sums[index]![row] = Number(sum)
    for (const [index, set] of sets.entries())
      for (const entry of set.columns) {
        const below = revisions.get(entry.id)
        revisions.set(entry.id, below ? below.map((sum, row) => sum + sums[index]![row]!) : sums[index]!)
      }
  }
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

/** Level 0 counts into every token: the row itself has a revision when it is deleted. */
function distinctSets(columns: readonly CellColumn[], level: number): LevelRevisions['sets'] {
  const sets = new Map<string, { attnums: readonly number[]; columns: CellColumn[] }>()
  for (const column of columns) {
    const attnums = level === 0 ? column.storedInputs : column.inheritedInputs.flatMap((input) => (input.level === level ? [input.attnum] : []))
    if (level > 0 && !attnums.length) continue
    const set = sets.get(attnums.join(',')) ?? { attnums, columns: [] }
    set.columns.push(column)
    sets.set(attnums.join(','), set)
  }
  return [...sets.values()]
}
