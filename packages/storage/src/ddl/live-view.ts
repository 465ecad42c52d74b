import type { SqlClient } from '../connection/sql-client.ts'
import {
  cellById,
  findColumn,
  revisionTable,
  type CellColumn,
  type ModelColumn,
  type OpaqueColumn,
  type TableModel,
  type VirtualColumn,
} from '../catalog/table-model.ts'
import { compileToText } from '../expression/compile-to-text.ts'
import { quoteName, quoteText } from './quote.ts'

/**
 * Makes the live view of a table say what its model says. Columns are only appended (`create or replace view` allows
 * nothing else, and keeps readers' grants and prepared statements); after a drop, a rename or a change of type the view
 * is made anew.
 */
export async function replaceLiveView(client: SqlClient, model: TableModel): Promise<void> {
  const name = quoteName(model.liveSchema, model.name)
  const body = `with (security_invoker = true) as ${liveViewQuery(model)}`
  await client.query('savepoint live_view')
  try {
    await client.query(`create or replace view ${name} ${body}`)
    await client.query('release savepoint live_view')
  } catch (error) {
    await client.query('rollback to savepoint live_view')
    if ((error as { code?: string }).code !== '42P16') throw error
    await client.query(`drop view ${name}`)
    await client.query(`create view ${name} ${body}`)
  }
  // who may read the table may read the view: with security_invoker the table's own grants and policies decide
  await client.query(`grant select on ${name} to public`)
  await client.query(
    `comment on view ${name} is ${quoteText(`Live view of ${model.schemaName}.${model.name}: its columns, the computed ones, and _status. Made by Vivant.`)}`,
  )
}

/** The query of the live view: stored columns, cells by left joins that the planner drops when nobody uses them, virtual columns inlined. */
export function liveViewQuery(model: TableModel): string {
  const columns = [...model.stored, ...model.opaque, ...model.cells.filter((cell) => cell.kind === 'computed'), ...model.virtual]
    .filter((column) => column.name !== '_id' && column.name !== '_status')
    .toSorted((a, b) => a.position - b.position || a.id - b.id)
  const select = [
    `t.${quoteName(model.idColumn)} as _id`,
    `${statusExpression(model)} as _status`,
    ...columns.map((column) => `${liveColumn(model, column)} as ${quoteName(column.name)}`),
  ]
  return `select ${select.join(',\n  ')}
from ${quoteName(model.schemaName, model.name)} t
${model.cells.map((cell) => `left join vivant_data.${quoteName(cell.cellTable)} ${cellAlias(cell)} on ${cellAlias(cell)}._id = t.${quoteName(model.idColumn)}`).join('\n')}`
}

export function cellAlias(cell: CellColumn): string {
  return `c${cell.id}`
}

function liveColumn(model: TableModel, column: ModelColumn | OpaqueColumn): string {
  if (column.kind === 'stored' || column.kind === 'opaque') return `t.${quoteName(column.name)}`
  if (column.kind === 'virtual') return virtualText(model, column)
  return `${cellAlias(column)}.value`
}

/** The SQL of a virtual column over the aliases of the live view: `t` and one for each cell table. */
export function virtualText(model: TableModel, column: VirtualColumn): string {
  return compileToText(column.expression, {
    column: (node) => {
      if (node.column === '_id') return `t.${quoteName(model.idColumn)}`
      return liveColumn(model, findColumn(model, node.column)!)
    },
    cell: (node) => {
      const target = findColumn(model, node.column)
      return `${cellAlias(target as CellColumn)}.${cellProperties[node.property]}`
    },
  })
}

export const cellProperties = {
  status: 'status',
  error: 'info',
  attempts: 'attempts',
  computedAt: 'computed_at',
  micros: 'micros',
  version: 'version',
} as const

/** `{"caption": "pending" | "stale" | "error" | "failed" | "blocked"}`, `{}` when all is well. */
export function statusExpression(model: TableModel): string {
  const visible = model.cells.filter((cell) => cell.kind === 'computed')
  if (!visible.length) return `'{}'::jsonb`
  const pairs = visible.map((cell) => {
    const alias = cellAlias(cell)
    return `${quoteText(cell.name)}, case when ${alias}.status is null then 'pending' when not coalesce(${settledCondition(model, cell)}, false) then 'stale' when ${alias}.status in ('error', 'failed', 'blocked') then ${alias}.status end`
  })
  // a function takes at most 100 arguments
  const groups = Array.from({ length: Math.ceil(pairs.length / 40) }, (_, index) => pairs.slice(index * 40, index * 40 + 40))
  return `jsonb_strip_nulls(${groups.map((group) => `jsonb_build_object(${group.join(', ')})`).join(' || ')})`
}

/** A cell is settled when it and every cell that it reads, through all levels, is locally current. */
export function settledCondition(model: TableModel, cell: CellColumn): string {
  return upstream(model, cell)
    .map((entry) => `(${currentCondition(model, entry)})`)
    .join(' and ')
}

/** The column itself and every cell column that it reads, through all levels. */
export function upstream(model: TableModel, cell: CellColumn): readonly CellColumn[] {
  const found = new Set<CellColumn>()
  const visit = (entry: CellColumn): void => {
    if (found.has(entry)) return
    found.add(entry)
    for (const input of entry.cellInputs) visit(cellById(model, input))
  }
  visit(cell)
  return [...found]
}

/** Locally current: of the column's version, and made from the inputs as they are now. Null when there is no cell. */
export function currentCondition(model: TableModel, cell: CellColumn): string {
  const alias = cellAlias(cell)
  const revisions = `coalesce((select sum(rev) from vivant_data.${revisionTable(model.id)} r where r._id = t.${quoteName(model.idColumn)} and r.attnum in (${[0, ...cell.storedInputs].join(', ')})), 0)`
  const seqs = cell.cellInputs.map((input) => ` + ${cellAlias(cellById(model, input))}.seq`).join('')
  return `${alias}.version = (select vivant.column_version(${cell.id})) and ${alias}.token = ${revisions}${seqs}`
}
