import { VivantError } from '@vivant/core'
import type { CellColumn, TableModel } from '../catalog/table-model.ts'

/**
 * Throws CYCLE when columns need each other across tables: one of a view reads its parent's, which reads the rows of the view. (Inside one
 * table its model cannot be made.) `changed` are columns as they will be.
 */
export function refuseCycles(model: TableModel, changed: readonly CellColumn[]): void {
  const columns = new Map<number, { readonly table: string; readonly cell: CellColumn }>()
  for (const { name, cells } of [...model.family.values(), model]) for (const cell of cells) columns.set(cell.id, { table: name, cell })
  for (const cell of changed) columns.set(cell.id, { table: model.name, cell })
  const path: number[] = []
  const done = new Set<number>()
  const visit = (id: number): void => {
    const at = path.indexOf(id)
    const names = [...path.slice(at), id].flatMap((inner) => columns.get(inner) ?? []).map(({ table, cell }) => `${table}.${cell.name}`)
    if (at !== -1) throw new VivantError('CYCLE', `Computed columns need each other: ${names.join(' → ')}.`, { details: { path: names } })
    if (done.has(id)) return
    path.push(id)
    const cell = columns.get(id)?.cell
    for (const input of [...(cell?.cellInputs ?? []), ...(cell?.rollUps.flatMap(({ cells }) => cells) ?? [])]) visit(input)
    path.pop()
    done.add(id)
  }
  for (const { id } of changed) visit(id)
}
