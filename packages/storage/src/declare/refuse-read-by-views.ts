import { columnsOf, parentColumnName, VivantError } from '@vivant/core'
import type { CellColumn, TableModel, VirtualColumn } from '../catalog/table-model.ts'

type Column = CellColumn | VirtualColumn

/** Throws COLUMN_NEEDED, with the paths, while columns of views read a column through `parent`: what they say of it would not be true any more. */
export function refuseReadByViews(model: TableModel, name: string): void {
  const paths = [...model.readers, ...model.virtualReaders]
    .filter((reader) => readsByName(reader, name))
    .map(({ path, column }) => `${shownReader(path.at(-1)!.name, column)} → ${model.name}.${name}`)
  if (paths.length === 0) return
  throw new VivantError('COLUMN_NEEDED', `"${model.name}.${name}" is read by views: ${paths.join(', ')}. Drop or replace those columns first.`, {
    details: { table: model.name, column: name, paths },
  })
}

function readsByName({ path, column }: { readonly path: readonly TableModel[]; readonly column: Column }, name: string): boolean {
  const seen = path.reduce<string>((above) => parentColumnName(above), name)
  const condition = column.kind === 'virtual' ? null : column.declaredCondition
  return [column.declared, ...(condition ? [condition] : [])].flatMap(columnsOf).some((node) => node.column === seen)
}

/** The hidden column that makes a view's rows is known to users as that view. */
export function shownReader(table: string, column: Column): string {
  return column.kind === 'expansion' ? `${column.name.replace(/\$.*$/u, '')} (view)` : `${table}.${column.name}`
}
