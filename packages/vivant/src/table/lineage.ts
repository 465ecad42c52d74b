import { columnOfParent, columnsOf, describeNode, type ExpressionNode, ownResultColumn, viewOfExpansion, walkNodes } from '@vivant/core'
import { cellById, type CellColumn, findColumn, madeColumns, readTables, type TableModel, viewColumns, viewsOf, type VirtualColumn } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'

/** Where one column stands in the graph of all columns, which goes across views. */
export interface ColumnLineage {
  readonly column: string
  /**
   * `stored`: users write it; `computed`: it has cells; `virtual`: PostgreSQL computes it when it is read; `embedding`: the vectors of an index;
   * `made`: what a view's iterator gives, and the row's position.
   */
  readonly kind: 'stored' | 'computed' | 'virtual' | 'embedding' | 'made'
  /** As it would be written; null for a stored column. */
  readonly expression: string | null
  /** The condition under which it is computed, or a view has rows. */
  readonly when: string | null
  /** Columns that it reads, also in `when`; those of other tables as `posts.title`. */
  readonly reads: readonly string[]
  /** Columns that read it, in the same form. */
  readonly readBy: readonly string[]
}

interface GraphColumn extends Omit<ColumnLineage, 'reads' | 'readBy'> {
  readonly table: TableModel
  readonly reads: readonly ColumnPlace[]
}
interface ColumnPlace {
  readonly table: TableModel
  readonly column: string
}

/** The column graph of a table, up and down, across views: stored columns first, then each after what it reads. */
export async function lineage(runtime: Runtime, table: string): Promise<readonly ColumnLineage[]> {
  const { id } = await runtime.freshModel(table)
  const columns = (await readTables(runtime.database, runtime.schemaName)).flatMap(graphColumns)
  const own = columns.filter((column) => column.table.id === id)
  const name = (place: ColumnPlace): string => (place.table.id === id ? place.column : `${place.table.name}.${place.column}`)
  return own.map(({ column, kind, expression, when, reads }) => {
    const readers = columns.filter((reader) => reader.reads.some((place) => place.table.id === id && place.column === column))
    return { column, kind, expression, when, reads: distinct(reads.map(name)), readBy: distinct(readers.map(name)) }
  })
}

function graphColumns(model: TableModel): readonly GraphColumn[] {
  const { view } = model
  const expansion = view && { of: view.parent, column: cellById(view.parent, view.expansionId) }
  const made = expansion ? [viewColumns.position, ...madeColumns(model, expansion.column).map(({ name }) => name)] : []
  const derived = [...model.cells.filter((cell) => cell.kind !== 'media' && cell.kind !== 'expansion'), ...model.virtual].toSorted(
    (a, b) => a.position - b.position,
  )
  return [
    ...model.stored
      .filter(({ name }) => !name.startsWith('_'))
      .map(({ name }): GraphColumn =>
        expansion && made.includes(name)
          ? { ...derivedColumn(expansion.of, expansion.column, 'made'), table: model, column: name }
          : { table: model, column: name, kind: 'stored', expression: null, when: null, reads: [] },
      ),
    ...derived.map((column) => derivedColumn(model, column, column.kind === 'virtual' || column.kind === 'embedding' ? column.kind : 'computed')),
  ]
}

/** `model` is the table whose columns the expression reads. */
function derivedColumn(model: TableModel, column: CellColumn | VirtualColumn, kind: ColumnLineage['kind']): GraphColumn {
  const when = column.kind === 'virtual' ? null : column.declaredCondition
  return {
    table: model,
    column: column.name,
    kind,
    expression: describeNode(column.declared),
    when: when && describeNode(when),
    reads: [column.declared, ...(when ? [when] : [])].flatMap((node) => placesRead(model, node)),
  }
}

function placesRead(model: TableModel, node: ExpressionNode): readonly ColumnPlace[] {
  const own = columnsOf(node).filter(({ column }) => column !== ownResultColumn && viewOfExpansion(column) === undefined)
  return [...own.map(({ column }) => placeOf(model, column)), ...[...walkNodes(node)].flatMap((inner) => placesRolledUp(model, inner))]
}

/** What a roll-up reads of the rows of a view: which there are at least. */
function placesRolledUp(model: TableModel, node: ExpressionNode): readonly ColumnPlace[] {
  if (node.node !== 'rollUp') return []
  const view = viewsOf(model).find(({ view: source }) => source?.expansionId === findColumn(model, node.rows.column)?.id)
  if (!view) return []
  const read = columnsOf(node.aggregate).map(({ column }) => placeOf(view, column))
  return read.length ? read : [{ table: view, column: viewColumns.position }]
}

/** A column of the table, or of one above it, by the name that the table's expressions have for it. */
function placeOf(table: TableModel, column: string): ColumnPlace {
  const above = table.view ? columnOfParent(column) : undefined
  if (above !== undefined) return placeOf(table.view!.parent, above)
  // the parent's id is kept in the row of the view
  if (column === viewColumns.parent && table.view) return { table: table.view.parent, column: '_id' }
  return { table, column }
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)]
}
