import { columnsOf, describeNode, ownResultColumn } from '@vivant/core'
import { type CellColumn, readersOf, type TableModel, type VirtualColumn } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'

/** Where one column stands in the graph of its table. */
export interface ColumnLineage {
  readonly column: string
  /** `stored`: users write it; `computed`: it has cells; `virtual`: PostgreSQL computes it when it is read; `embedding`: the vectors of an index. */
  readonly kind: 'stored' | 'computed' | 'virtual' | 'embedding'
  /** As it would be written; null for a stored column. */
  readonly expression: string | null
  /** The condition under which it is computed. */
  readonly when: string | null
  /** Columns that it reads, also in `when`. */
  readonly reads: readonly string[]
  /** Columns that read it. */
  readonly readBy: readonly string[]
}

/** The column graph of a table: stored columns first, then each after what it reads. */
export async function lineage(runtime: Runtime, table: string): Promise<readonly ColumnLineage[]> {
  const model = await runtime.freshModel(table)
  const derived = [...model.cells.filter((cell) => cell.kind !== 'media' && cell.kind !== 'expansion'), ...model.virtual].toSorted(
    (a, b) => a.position - b.position,
  )
  return [
    ...model.stored.map(({ name }): ColumnLineage => ({ column: name, kind: 'stored', expression: null, when: null, reads: [], readBy: readBy(model, name) })),
    ...derived.map((column) => derivedLineage(model, column)),
  ]
}

function derivedLineage(model: TableModel, column: CellColumn | VirtualColumn): ColumnLineage {
  const when = column.kind === 'virtual' ? null : column.declaredCondition
  const reads = [column.declared, ...(when ? [when] : [])].flatMap(columnsOf).flatMap((node) => (node.column === ownResultColumn ? [] : [node.column]))
  return {
    column: column.name,
    kind: column.kind === 'media' || column.kind === 'expansion' ? 'computed' : column.kind,
    expression: describeNode(column.declared),
    when: when && describeNode(when),
    reads: [...new Set(reads)],
    readBy: readBy(model, column.name),
  }
}

function readBy(model: TableModel, name: string): readonly string[] {
  return readersOf(model, name).flatMap((reader) => (reader.kind === 'media' || reader.kind === 'expansion' ? [] : [reader.name]))
}
