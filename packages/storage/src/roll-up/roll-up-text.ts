import { type AggregateNode, columnsOf, describeNode, type ExpressionNode, mapNode, type RollUpNode, VivantError } from '@vivant/core'
import { sql } from 'kysely'
import { childColumnName } from '../catalog/roll-up-reads.ts'
import {
  cellById,
  type CellColumn,
  findColumn,
  findInherited,
  holderOf,
  type RollUp,
  rolledUpView,
  type TableModel,
  viewColumns,
  viewsOf,
} from '../catalog/table-model.ts'
import { cellAlias, childAlias, childRows, currentCondition, expressionText, upstream } from '../ddl/live-view.ts'
import { quoteName, quoteText } from '../ddl/quote.ts'
import { compileAggregate } from '../expression/compile-aggregate.ts'
import { fragmentText } from '../expression/compile-to-text.ts'
import type { Fragment } from '../expression/sql-operator.ts'

/** The most rows whose values are one list: what a function over them is given is in memory. */
export const maxListRows = 100_000

/** A roll-up that no column holds, of a query. */
export function rollUpOf(model: TableModel, node: RollUpNode): RollUp {
  const view = viewsOf(model).find(({ view: source }) => source?.expansionId === findColumn(model, node.rows.column)?.id)
  if (!view) throw new VivantError('TABLE_NOT_FOUND', `'${describeNode(node)}': '${model.name}' has no such view.`, { details: { table: model.name } })
  return { node, viewId: view.id, stored: [], cells: [] }
}

/** What the rows of a view come to of those that are shown and were made from the row `id`: a scalar. `row` is the name beside which it stands. */
export function rollUpText(model: TableModel, rollUp: RollUp, id: string, row: string): string {
  const view = rolledUpView(model, rollUp)
  const child = childAlias(row)
  const { aggregate } = rollUp.node
  const text = (node: ExpressionNode): Fragment => sql.raw(expressionText(view, withResolvedMedia(view, node), child))
  const value = compileAggregate(aggregate, {
    operand: aggregate.operands[0] && text(aggregate.operands[0]),
    filter: aggregate.filter && text(aggregate.filter),
    orderBy: [],
    id: sql.raw(`${child}.${viewColumns.position}`),
  })
  return `(select ${fragmentText(value)} from ${childRows(view, cellsRead(view, aggregate), id, child)})`
}

export function isList({ node }: RollUp): boolean {
  return node.aggregate.aggregate === 'list'
}

function withResolvedMedia(view: TableModel, node: ExpressionNode): ExpressionNode {
  return mapNode(node, (inner) => (inner.node === 'column' ? Object.freeze({ ...inner, column: childColumnName(view, inner.column) }) : undefined))
}

/** The cells beside which the rows of the view are read, of whatever level. */
function cellsRead(view: TableModel, aggregate: AggregateNode): readonly CellColumn[] {
  const found = columnsOf(aggregate).flatMap(({ column }): readonly CellColumn[] => {
    const name = childColumnName(view, column)
    const target = findColumn(view, name) ?? findInherited(view, name)?.column
    if (!target || target.kind === 'stored') return []
    if (target.kind !== 'virtual') return [target]
    return target.cellInputs.map((id) => cellById(view, id))
  })
  return [...new Set(found)]
}

/**
 * That a column that waits for all rows of a view has to wait: the expansion, or a cell that decides what it reads, is not what it will
 * be. Looked at are the view's own cells: whatever makes one of them so in the end is in a transaction that looks at the column again
 * (rule 21).
 */
export function waitsText(model: TableModel, rollUp: RollUp, id: string, row: string): string {
  const view = rolledUpView(model, rollUp)
  const expansion = cellById(model, view.view!.expansionId)
  const inputs = expansion.cellInputs.map((input) => cellById(model, input))
  const joins = inputs.map((cell) => `left join vivant_data.${quoteName(cell.cellTable)} ${cellAlias(cell, row)} on ${cellAlias(cell, row)}._id = ${id}`)
  const isMade = `exists (select from vivant_data.${quoteName(expansion.cellTable)} ${cellAlias(expansion, row)} ${joins.join(' ')}
    where ${cellAlias(expansion, row)}._id = ${id} and ${cellAlias(expansion, row)}.status <> 'error' and ${currentCondition(model, expansion, row)})`
  const decisive = waitedColumns(view, rollUp)
  if (decisive.length === 0) return `not ${isMade}`
  const child = childAlias(row)
  const beside = [...new Set(decisive.flatMap((cell) => [cell, ...cell.cellInputs.map((input) => cellById(view, input))]))]
  const isFinal = decisive.map((cell) => `${cellAlias(cell, child)}.status <> 'error' and ${currentCondition(view, cell, child)}`).join(' and ')
  return `(not ${isMade} or exists (select from ${childRows(view, beside, id, child)} and not coalesce(${isFinal}, false)))`
}

/** The view's own cell columns that decide what a roll-up reads: those that it names, and what they are made from. */
export function waitedColumns(view: TableModel, rollUp: RollUp): readonly CellColumn[] {
  const all = new Set(rollUp.cells.flatMap((id) => upstream(view, cellById(view, id))))
  return [...all].filter((cell) => holderOf(view, cell.id).level === 0)
}

/** The first row whose cell failed or is blocked, of a column that does not say that its readers get null: `id:column`, or null. */
export function failedText(model: TableModel, rollUp: RollUp, id: string, row: string): string {
  const view = rolledUpView(model, rollUp)
  const cells = rollUp.cells.map((input) => cellById(view, input)).filter((cell) => cell.options.onError !== 'null')
  if (cells.length === 0) return 'null::text'
  const child = childAlias(row)
  const failed = (cell: CellColumn): string => `${cellAlias(cell, child)}.status in ('failed', 'blocked')`
  const column = `case ${cells.map((cell) => `when ${failed(cell)} then ${quoteText(cell.name)}`).join(' ')} end`
  return `(select ${child}.${quoteName(view.idColumn)} || ':' || ${column} from ${childRows(view, cells, id, child)} and (${cells.map(failed).join(' or ')}) order by ${child}.${viewColumns.position} limit 1)`
}
