import type { CellColumn } from '../catalog/table-model.ts'

/** What users call a column with cells: the hidden one of a media column goes by the name of what it resolves. */
export function visibleName(column: CellColumn): string {
  return column.kind === 'media' ? column.name.replace(/\$media$/u, '') : column.name
}
