import { nearestName, VivantError } from '@vivant/core'
import { type CellColumn, findColumn, type TableModel } from '@vivant/storage'
import { visibleName } from './count-run.ts'

/** A computed column that has cells, by the name that the user knows. COLUMN_NOT_FOUND, with what was probably meant. */
export function cellColumn(model: TableModel, name: string): CellColumn {
  const column = model.cells.find((cell) => cell.name === name) ?? model.cells.find((cell) => visibleName(cell) === name)
  if (column) return column
  const other = findColumn(model, name)
  const details = { table: model.name, column: name }
  if (other?.kind === 'virtual')
    throw new VivantError('COLUMN_NOT_FOUND', `"${model.name}.${name}" is virtual: PostgreSQL evaluates it with every read, it has no cells.`, { details })
  if (other) throw new VivantError('COLUMN_NOT_FOUND', `"${model.name}.${name}" is a stored column: it has no cells.`, { details })
  const names = model.cells.filter((cell) => cell.kind !== 'media').map((cell) => cell.name)
  const nearest = nearestName(name, names)
  throw new VivantError(
    'COLUMN_NOT_FOUND',
    `"${model.name}" has no computed column "${name}"; ${nearest ? `did you mean "${nearest}"?` : `there is ${names.join(', ') || 'none'}`}`,
    { details },
  )
}

/** Row ids as the API takes them. */
export function checkIds(ids: readonly number[]): readonly number[] {
  const bad = ids.find((id) => !Number.isSafeInteger(id))
  if (bad === undefined) return ids
  throw new VivantError('VALUE_INVALID', `${String(bad)} is no row id: a whole number is needed.`)
}
