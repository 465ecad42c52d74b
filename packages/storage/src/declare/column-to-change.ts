import { columnNotFound } from '@vivant/core'
import { findColumn, type ModelColumn, type TableModel } from '../catalog/table-model.ts'

/** A column that users know of; COLUMN_NOT_FOUND for others. */
export function columnToChange(model: TableModel, name: string): ModelColumn {
  const column = findColumn(model, name)
  if (column && column.kind !== 'media' && column.kind !== 'embedding') return column
  const known = [...model.stored, ...model.cells.filter((cell) => cell.kind === 'computed'), ...model.virtual].map((entry) => entry.name)
  throw columnNotFound(name, known, { table: model.name })
}
