import type { ExpressionNode } from '@vivant/core'
import { readFromBelow } from '../catalog/build-model.ts'
import type { ViewSource } from '../catalog/catalog-rows.ts'
import type { SqlClient } from '../connection/sql-client.ts'
import {
  ancestorAt,
  cellById,
  fanoutPool,
  findColumn,
  findInherited,
  revisionTable,
  rolledUpView,
  viewColumns,
  type CellColumn,
  type ModelColumn,
  type OpaqueColumn,
  type RollUp,
  type TableModel,
  holderOf,
} from '../catalog/table-model.ts'
import { compileToText } from '../expression/compile-to-text.ts'
import { groupCurrent } from '../groups/group-current.ts'
import { type HistoryColumn, isHistoryColumn } from '../groups/position.ts'
import { logSum } from '../roll-up/log.ts'
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
${readCells(model)
  .map((cell) => `left join vivant_data.${quoteName(cell.cellTable)} ${cellAlias(cell)} on ${cellAlias(cell)}._id = ${cellRowId(model, cell)}`)
  .join('\n')}${model.view ? `\nwhere ${isShown(model.view)}` : ''}`
}

/** The table's cells, and those of ancestors on which they rest. */
function readCells(model: TableModel): readonly CellColumn[] {
  const read = [
    ...model.cells.filter((cell) => cell.kind !== 'expansion'),
    ...model.virtual.flatMap(({ cellInputs }) => cellInputs.map((id) => cellById(model, id))),
  ]
  return [...new Set(read.flatMap((cell) => upstream(model, cell)))]
}

/** A view's rows count up to where its parent's expansion has come: never two generations of them (rule 15). */
export function isMade(view: ViewSource, row: string = rowAlias): string {
  return `${row}.${viewColumns.position} < (select e.value from vivant_data.${quoteName(view.expansionTable)} e where e._id = ${row}.${viewColumns.parent})`
}

/** What readers see: of a view of a view, rows whose own parent they see. (What a parent reads of its rows does not depend on who sees the parent.) */
export function isShown(view: NonNullable<TableModel['view']>, row: string = rowAlias): string {
  const { parent } = view
  if (!parent.view) return isMade(view, row)
  const above = `${row}_above`
  return `${isMade(view, row)} and exists (select from ${quoteName(parent.schemaName, parent.name)} ${above} where ${above}.${quoteName(parent.idColumn)} = ${row}.${viewColumns.parent} and ${isShown(parent.view, above)})`
}

/** The name of a cell table beside the row `t`; beside another row of the same statement with that row's name. */
export function cellAlias(cell: CellColumn, row: string = rowAlias): string {
  return row === rowAlias ? `c${cell.id}` : `c${cell.id}_${row}`
}

export const rowAlias = 't'

function liveColumn(model: TableModel, column: ModelColumn | OpaqueColumn): string {
  return column.kind === 'opaque' ? `t.${quoteName(column.name)}` : columnText(model, column.name)
}

/** A column as the table's expressions know it, beside a row and its cells; one of a parent's is looked up, its cells stand beside the row. */
export function columnText(model: TableModel, name: string, row: string = rowAlias): string {
  if (name === '_id') return `${row}.${quoteName(model.idColumn)}`
  const own = findColumn(model, name)
  if (own?.kind === 'stored') return `${row}.${quoteName(own.name)}`
  if (own?.kind === 'virtual') return expressionText(model, own.expression, row)
  if (own) return `${cellAlias(own, row)}.value`
  const inherited = findInherited(model, name)
  if (!inherited) return `${row}.${quoteName(name)}`
  const { level, holder, column } = inherited
  if (column.kind === 'virtual') return expressionText(model, readFromBelow(column.expression, level), row)
  if (column.kind !== 'stored') return `${cellAlias(column, row)}.value`
  return `(select p.${quoteName(column.name)} from ${quoteName(holder.schemaName, holder.name)} p where p.${quoteName(holder.idColumn)} = ${ancestorId(model, level, row)})`
}

/** The SQL of an expression of a table beside a row and its cells, with its constants in the text. */
export function expressionText(model: TableModel, node: ExpressionNode, row: string = rowAlias): string {
  return compileToText(node, {
    column: ({ column }) => columnText(model, column, row),
    cell: (cell) => {
      const target = findColumn(model, cell.column)
      return `${cellAlias(target as CellColumn, row)}.${cellProperties[cell.property]}`
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
export function statusExpression(model: TableModel, row: string = rowAlias): string {
  const visible = model.cells.filter((cell) => cell.kind === 'computed')
  if (!visible.length) return `'{}'::jsonb`
  const pairs = visible.map((cell) => {
    const alias = cellAlias(cell, row)
    return `${quoteText(cell.name)}, case when ${alias}.status is null then 'pending' when not coalesce(${settledCondition(model, cell, row)}, false) then 'stale' when ${alias}.status in ('error', 'failed', 'blocked') then ${alias}.status end`
  })
  // a function takes at most 100 arguments
  const groups = Array.from({ length: Math.ceil(pairs.length / 40) }, (_, index) => pairs.slice(index * 40, index * 40 + 40))
  return `jsonb_strip_nulls(${groups.map((group) => `jsonb_build_object(${group.join(', ')})`).join(' || ')})`
}

/** A cell is settled when it and every cell that it reads, through all levels, is locally current. */
export function settledCondition(model: TableModel, cell: CellColumn, row: string = rowAlias): string {
  return upstream(model, cell)
    .flatMap((entry) => {
      const { level, holder } = holderOf(model, entry.id)
      const below = entry.rollUps.flatMap((rollUp) => childrenSettled(holder, rollUp, ancestorId(model, level, row), row))
      return [currentCondition(model, entry, row), ...below]
    })
    .map((condition) => `(${condition})`)
    .join(' and ')
}

/** That of the rows of a view that were made from one row, every cell that a roll-up reads is settled. */
function childrenSettled(model: TableModel, rollUp: RollUp, id: string, row: string): readonly string[] {
  const view = rolledUpView(model, rollUp)
  const cells = rollUp.cells.map((input) => cellById(view, input))
  if (cells.length === 0) return []
  const child = childAlias(row)
  const all = cells.map((cell) => `(${settledCondition(view, cell, child)})`).join(' and ')
  const joined = [...new Set(cells.flatMap((cell) => upstream(view, cell)))]
  return [`not exists (select from ${childRows(view, joined, id, child)} and not coalesce(${all}, false))`]
}

/** The name of a view's row beside the name of the row that it was made from. */
export function childAlias(row: string): string {
  return `${row}v`
}

/** From the rows of a view that were made from one row, with some of their cells; a condition can follow. */
export function childRows(view: TableModel, cells: readonly CellColumn[], id: string, child: string): string {
  const joins = cells.map(
    (cell) => `left join vivant_data.${quoteName(cell.cellTable)} ${cellAlias(cell, child)} on ${cellAlias(cell, child)}._id = ${cellRowId(view, cell, child)}`,
  )
  return `${quoteName(view.schemaName, view.name)} ${child} ${joins.join(' ')} where ${child}.${viewColumns.parent} = ${id} and ${isMade(view.view!, child)}`
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

/** The id of the row, or of its ancestor, beside which a column's cells lie. */
export function cellRowId(model: TableModel, cell: CellColumn, row: string = rowAlias): string {
  return ancestorId(model, holderOf(model, cell.id).level, row)
}

/** The id of a row's ancestor. */
export function ancestorId(model: TableModel, level: number, row: string): string {
  if (level === 0) return `${row}.${quoteName(model.idColumn)}`
  if (level === 1) return `${row}.${viewColumns.parent}`
  const below = ancestorAt(model, level - 1)
  return `(select a.${viewColumns.parent} from ${quoteName(below.schemaName, below.name)} a where a.${quoteName(below.idColumn)} = ${ancestorId(model, level - 1, row)})`
}

/** Whether a change above a row is still to fan out to it: the task for a parent's row covers what is below. */
export function awaitsFanOut(model: TableModel, row: string = rowAlias): string {
  const levels: string[] = []
  for (let [level, above] = [1, model.view?.parent]; above; level++, above = above.view?.parent)
    levels.push(
      `exists (select from vivant.task k where k.table_id = ${above.id} and k.pool = '${fanoutPool}' and ${ancestorId(model, level, row)} = any(k.ids))`,
    )
  return levels.length ? `(${levels.join(' or ')})` : 'false'
}

/** Locally current: of the column's version, and made from the inputs as they are now. Null when there is no cell. */
export function currentCondition(model: TableModel, cell: CellColumn, row: string = rowAlias): string {
  const alias = cellAlias(cell, row)
  const whole = cell.kind === 'expansion' ? `${alias}.status <> 'partial' and ` : ''
  return `${whole}${alias}.version = (select vivant.column_version(${cell.id})) and ${alias}.token = ${currentToken(model, cell, row)}${isHistoryColumn(cell) ? ` and ${groupCondition(model, cell, row)}` : ''}`
}

/** Beside the row itself, or beside a view's row that reads an ancestor's cell. */
function groupCondition(model: TableModel, cell: HistoryColumn, row: string): string {
  const { level, holder } = holderOf(model, cell.id)
  if (level === 0) return groupCurrent(model, cell, row)
  const above = `h${cell.id}`
  return `exists (select from ${quoteName(holder.schemaName, holder.name)} ${above} where ${above}.${quoteName(holder.idColumn)} = ${ancestorId(model, level, row)} and ${groupCurrent(holder, cell, above)})`
}

/** What the token of a cell would be now: the revisions of its stored inputs and of its row, and the seqs of its cell inputs. */
export function currentToken(model: TableModel, cell: CellColumn, row: string = rowAlias): string {
  const { level, holder } = holderOf(model, cell.id)
  const revisionsAt = (above: number, attnums: readonly number[]): string =>
    `coalesce((select sum(rev) from vivant_data.${revisionTable(ancestorAt(holder, above).id)} r where r._id = ${ancestorId(model, level + above, row)} and r.attnum in (${[0, ...attnums].join(', ')})), 0)`
  const inherited = [...new Set(cell.inheritedInputs.map((input) => input.level))]
  const revisions = [
    revisionsAt(0, cell.storedInputs),
    ...inherited.map((above) =>
      revisionsAt(
        above,
        cell.inheritedInputs.flatMap((input) => (input.level === above ? [input.attnum] : [])),
      ),
    ),
  ].join(' + ')
  const seqs = cell.cellInputs.map((input) => ` + ${cellAlias(cellById(model, input), row)}.seq`).join('')
  const logs = cell.rollUps.length ? ` + ${logSum(cell, ancestorId(model, level, row))}` : ''
  return `${revisions}${seqs}${logs}`
}
