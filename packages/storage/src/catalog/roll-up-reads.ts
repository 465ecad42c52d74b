import { type AggregateNode, columnsOf, isMediaType } from '@vivant/core'
import { mediaColumnName } from './media-column-name.ts'
import { type CellColumn, findColumn, findInherited, holderOf, type InheritedInput, type ModelColumn, type TableModel } from './table-model.ts'

/** What an aggregate over the rows of a view reads: of the view, of its parent (whose column it is), and of what is above that. */
export interface RollUpReads {
  /** Attnums of the view. */
  readonly stored: readonly number[]
  /** Ids of the view's cell columns. */
  readonly cells: readonly number[]
  readonly parentStored: readonly number[]
  /** Names of the parent's cell columns. */
  readonly parentCells: readonly string[]
  /** As the parent sees them. */
  readonly ancestorStored: readonly InheritedInput[]
  readonly ancestorCells: readonly number[]
}

/** Without its view (the models are made one after the other) nothing is known yet. Pure. */
export function readRollUp(view: TableModel | undefined, aggregate: AggregateNode): RollUpReads {
  const leaves = view ? columnsOf(aggregate).flatMap(({ column }) => leavesOf(view, childColumnName(view, column))) : []
  const stored = (level: number): readonly number[] => [...new Set(leaves.flatMap((leaf) => ('attnum' in leaf && leaf.level === level ? [leaf.attnum] : [])))]
  const cells = (level: number): readonly CellColumn[] => [...new Set(leaves.flatMap((leaf) => ('cell' in leaf && leaf.level === level ? [leaf.cell] : [])))]
  return {
    stored: stored(0),
    cells: cells(0).map(({ id }) => id),
    parentStored: stored(1),
    parentCells: cells(1).map(({ name }) => name),
    ancestorStored: leaves.flatMap((leaf) => ('attnum' in leaf && leaf.level > 1 ? [{ level: leaf.level - 1, attnum: leaf.attnum }] : [])),
    ancestorCells: leaves.flatMap((leaf) => ('cell' in leaf && leaf.level > 1 ? [leaf.cell.id] : [])),
  }
}

/** Media are read as what they resolve to, where something resolves them. */
export function childColumnName(view: TableModel, column: string): string {
  const found = findColumn(view, column) ?? findInherited(view, column)?.column
  if (!found || !isMediaType(found.type)) return column
  const resolved = mediaColumnName(column)
  return findColumn(view, resolved) || findInherited(view, resolved) ? resolved : column
}

type Leaf = (InheritedInput & { readonly attnum: number }) | { readonly level: number; readonly cell: CellColumn }

/** The stored columns and cells behind a column as a view reads it. */
function leavesOf(view: TableModel, name: string): readonly Leaf[] {
  const own = findColumn(view, name)
  const { level, column } = own ? { level: 0, column: own } : (findInherited(view, name) ?? { level: 0, column: undefined })
  return column ? leavesOfColumn(view, level, column) : []
}

function leavesOfColumn(view: TableModel, level: number, column: ModelColumn): readonly Leaf[] {
  if (column.kind === 'stored') return [{ level, attnum: column.attnum }]
  if (column.kind !== 'virtual') return [{ level, cell: column }]
  return [
    ...column.storedInputs.map((attnum) => ({ level, attnum })),
    ...column.inheritedInputs.map((input) => ({ level: level + input.level, attnum: input.attnum })),
    ...column.cellInputs.map((id) => {
      const held = holderOf(view, id)
      return { level: held.level, cell: held.column }
    }),
  ]
}
