import { columnsOf, parentColumnName, VivantError } from '@vivant/core'
import type { TableModel, ViewReader } from '../catalog/table-model.ts'

/**
 * Throws COLUMN_NEEDED, with the paths, while columns of other tables read a column: those of views through `parent`, those of its parent in
 * a roll-up. What they say of it would not be true any more.
 */
export function refuseReadByViews(model: TableModel, name: string): void {
  const views = model.readers.filter((reader) => readsByName(reader, name)).map(({ path, column }) => `${path.at(-1)!.name}.${column.name}`)
  const above = model.rolledUp
    .filter(({ rollUp }) => columnsOf(rollUp.node.aggregate).some((node) => node.column === name))
    .map(({ column }) => `${model.view!.parent.name}.${column.name}`)
  const paths = [...new Set([...views, ...above])].map((reader) => `${reader} → ${model.name}.${name}`)
  if (paths.length === 0) return
  throw new VivantError('COLUMN_NEEDED', `"${model.name}.${name}" is read by other tables: ${paths.join(', ')}. Drop or replace those columns first.`, {
    details: { table: model.name, column: name, paths },
  })
}

function readsByName({ path, column }: ViewReader, name: string): boolean {
  const seen = path.reduce<string>((above) => parentColumnName(above), name)
  return [column.declared, ...(column.declaredCondition ? [column.declaredCondition] : [])].flatMap(columnsOf).some((node) => node.column === seen)
}
