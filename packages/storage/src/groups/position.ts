import type { DataType } from '@vivant/core'
import type { CellColumn, TableModel } from '../catalog/table-model.ts'
import { quoteName } from '../ddl/quote.ts'
import { pgType } from '../value/pg-type.ts'
import type { HistoryPlan } from './history-plan.ts'

/** A column that reads a history. */
export type HistoryColumn = CellColumn & { readonly history: HistoryPlan }

export function isHistoryColumn(column: CellColumn): column is HistoryColumn {
  return column.history !== null
}

export function historyColumns(model: TableModel): readonly HistoryColumn[] {
  return model.cells.filter(isHistoryColumn)
}

/** The history columns that read a cell column of the same table, of earlier rows or of their own. */
export function historyReaders(model: TableModel, column: Pick<CellColumn, 'id'>): readonly HistoryColumn[] {
  return historyColumns(model).filter(({ cellInputs }) => cellInputs.includes(column.id))
}

/** What lies beside the cells of a history column: the state of each group, and the log of what was touched. */
export function groupTable(cellTable: string): string {
  return `vivant_data.${quoteName(groupTableName(cellTable))}`
}
export function groupTableName(cellTable: string): string {
  return `${cellTable}_group`
}
export function groupLogTable(cellTable: string): string {
  return `vivant_data.${quoteName(groupLogTableName(cellTable))}`
}
export function groupLogTableName(cellTable: string): string {
  return `${cellTable}_log`
}

/** All tables of a column's cells, by name. */
export function cellTablesOf(column: Pick<CellColumn, 'cellTable' | 'history'>): readonly string[] {
  return column.history ? [column.cellTable, groupTableName(column.cellTable), groupLogTableName(column.cellTable)] : [column.cellTable]
}

/** What JavaScript reads without loss. */
const groupMask = '9007199254740991'

/**
 * The number of a row's group. Two groups may have one: they are then evaluated together, each row with the earlier rows of its own.
 * Hashes of values, so the same in every session, whatever its settings say of texts of numbers and dates.
 */
export function groupSql(model: TableModel, history: HistoryPlan, row: string): string {
  if (!history.by.length) return '0::bigint'
  const values = history.by.map((name) => {
    const kind = model.stored.find((column) => column.name === name)?.type.kind
    return `${columnSql(model, name, row)}${kind === 'text' || kind === 'enum' ? ' collate "C"' : ''}`
  })
  return `(hash_record_extended(row(${values.join(', ')}), 0) & ${groupMask}::bigint)`
}

/** Three columns whose order is that of the rows of a group: null keys last, then the key, then the id. */
export function positionSql(model: TableModel, history: HistoryPlan, row: string): readonly [last: string, key: string, id: string] {
  const key = columnSql(model, history.orderBy, row)
  const collation = isText(history.orderType) ? ' collate "C"' : ''
  return [`(${key} is null)`, `coalesce(${key}, ${zeroSql(history.orderType)})${collation}`, `${row}${row ? '.' : ''}${quoteName(model.idColumn)}`]
}

/** The columns of a position in a log or group table: `lo_last, lo_key, lo_id`. */
export function positionColumns(prefix: string, row = ''): string {
  const of = row ? `${row}.` : ''
  return `${of}${prefix}_last, ${of}${prefix}_key, ${of}${prefix}_id`
}

/** Stands for a null key, behind all others. */
export function zeroSql(type: DataType): string {
  return `${zeros[type.kind] ?? `'0'`}::${pgType(type)}`
}
const zeros: Readonly<Record<string, string>> = {
  text: `''`,
  enum: `''`,
  timestamp: `'1970-01-01 00:00:00+00'`,
  date: `'1970-01-01'`,
  uuid: `'00000000-0000-0000-0000-000000000000'`,
}

export function isText({ kind }: DataType): boolean {
  return kind === 'text' || kind === 'enum'
}

function columnSql(model: TableModel, name: string, row: string): string {
  return `${row}${row ? '.' : ''}${quoteName(name === '_id' ? model.idColumn : name)}`
}
