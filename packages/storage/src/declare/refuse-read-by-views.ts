import { columnsOf, parentColumnName, VivantError } from '@vivant/core'
import type { CellColumn, TableModel, ViewReader, VirtualColumn } from '../catalog/table-model.ts'

/**
 * Throws COLUMN_NEEDED, with the paths, while columns of other tables read a column: those of views through `parent`, those of its parent in
 * a roll-up. What they say of it would not be true any more.
 */
export function refuseReadByViews(model: TableModel, name: string): void {
  const views = model.readers.filter((reader) => readsByName(reader, name)).map(({ path, column }) => shownReader(path.at(-1)!.name, column))
  const above = model.rolledUp
    .filter(({ rollUp }) => columnsOf(rollUp.node.aggregate).some((node) => node.column === name))
    .map(({ column }) => `${model.view!.parent.name}.${column.name}`)
  const paths = [...new Set([...views, ...virtualReaders(model, name), ...above])].map((reader) => `${reader} → ${model.name}.${name}`)
  if (paths.length === 0) return
  throw new VivantError('COLUMN_NEEDED', `"${model.name}.${name}" is read by other tables: ${paths.join(', ')}. Drop or replace those columns first.`, {
    details: { table: model.name, column: name, paths },
  })
}

function readsByName({ path, column }: ViewReader, name: string): boolean {
  const seen = path.reduce<string>((above) => parentColumnName(above), name)
  return [column.declared, ...(column.declaredCondition ? [column.declaredCondition] : [])].flatMap(columnsOf).some((node) => node.column === seen)
}

/** Virtual columns of views, at any level, that name the column: what they read is inlined, so they are no readers of the model. */
function virtualReaders(model: TableModel, name: string): readonly string[] {
  return [...model.family.values()].flatMap((below) => {
    let seen = name
    let above: TableModel | undefined = below
    for (; above && above.id !== model.id; above = above.view?.parent) seen = parentColumnName(seen)
    if (!above || below.id === model.id) return []
    return below.virtual.filter(({ declared }) => columnsOf(declared).some((node) => node.column === seen)).map((column) => shownReader(below.name, column))
  })
}

/** The hidden column that makes a view's rows is known to users as that view. */
export function shownReader(table: string, column: CellColumn | VirtualColumn): string {
  return column.kind === 'expansion' ? `${column.name.replace(/\$.*$/u, '')} (view)` : `${table}.${column.name}`
}
