import { columnOfParent, type ComputedColumnOptions, type DataType, type ExpressionNode, parentColumnName, type RollUpNode } from '@vivant/core'
import type { HistoryPlan } from '../groups/history-plan.ts'
import type { CatalogTable, ViewSource } from './catalog-rows.ts'

/**
 * One table as workers and queries see it: the catalog's rows, with virtual columns inlined, media references resolved,
 * and the inputs of every column worked out. Immutable; made anew for each schema version.
 */
export interface TableModel extends Omit<CatalogTable, 'view'> {
  /** Null for a table that users write. */
  readonly view: (ViewSource & { readonly parent: TableModel }) | null
  /** What the columns of its views, and of theirs, read of it. */
  readonly readers: readonly ViewReader[]
  /** Columns of its parent that read its rows. */
  readonly rolledUp: readonly RollUpReader[]
  /** The tables that were read with it, by id: itself, its parents and all of their views. */
  readonly family: ReadonlyMap<number, TableModel>
  readonly stored: readonly StoredColumn[]
  /** Columns of an adopted table whose type or name Vivant does not take: shown in the live view, and nothing else. */
  readonly opaque: readonly OpaqueColumn[]
  /** Columns with cells, hidden ones too, inputs before what reads them: the order in which cells are written and locked. */
  readonly cells: readonly CellColumn[]
  readonly virtual: readonly VirtualColumn[]
}

/** Columns of one view that read an ancestor's row. */
export interface ViewReader {
  /** The ids of the views on the way down, the nearest first; the last one is the view itself. */
  readonly path: readonly TableModel[]
  readonly column: CellColumn
  /** Attnums of the ancestor. */
  readonly stored: readonly number[]
  /** Ids of the ancestor's cell columns. */
  readonly cells: readonly number[]
}

/** A column of a view's parent that reads the view's rows. */
export interface RollUpReader {
  readonly column: CellColumn
  readonly rollUp: RollUp
}

/** What a column reads of the rows of one of its table's views. */
export interface RollUp {
  readonly node: RollUpNode
  readonly viewId: number
  /** Attnums of the view. */
  readonly stored: readonly number[]
  /** Ids of the view's cell columns. */
  readonly cells: readonly number[]
}

export interface StoredColumn {
  readonly kind: 'stored'
  readonly id: number
  readonly name: string
  readonly attnum: number
  readonly type: DataType
  readonly nullable: boolean
  readonly position: number
}

export interface OpaqueColumn {
  readonly kind: 'opaque'
  readonly id: number
  readonly name: string
  readonly attnum: number
  readonly position: number
}

interface DerivedColumn {
  readonly id: number
  readonly name: string
  readonly type: DataType
  readonly nullable: boolean
  readonly position: number
  /** As the user wrote it. */
  readonly declared: ExpressionNode
  /** With virtual columns inlined and media columns replaced by what they resolve to: reads stored and cell columns only. */
  readonly expression: ExpressionNode
  /** Attnums of the stored columns it reads, also through its condition; ascending. */
  readonly storedInputs: readonly number[]
  /** Ids of the cell columns it reads, its ancestors' among them, also through its condition; ascending. */
  readonly cellInputs: readonly number[]
  /** Stored columns of ancestors that it reads. */
  readonly inheritedInputs: readonly InheritedInput[]
  /** The aggregates over the rows of views in its expression and its condition. */
  readonly rollUps: readonly RollUp[]
}

/** A stored column of an ancestor: of the parent at level 1, of its parent at level 2. */
export interface InheritedInput {
  readonly level: number
  readonly attnum: number
}

/** A column whose values lie in a cell table. */
export interface CellColumn extends DerivedColumn {
  readonly kind: 'computed' | 'media' | 'embedding' | 'expansion'
  readonly condition: ExpressionNode | null
  readonly declaredCondition: ExpressionNode | null
  readonly pool: string
  readonly version: number
  readonly state: 'declaring' | 'active' | 'paused'
  readonly codeHash: string
  readonly codeHashes: readonly string[]
  readonly options: ComputedColumnOptions & Readonly<Record<string, unknown>>
  readonly cellTable: string
  /** Reaches an input through an expression or a condition, so equal arguments are worth recognising. */
  readonly usesArguments: boolean
  /** The earlier rows that it reads; its inputs are those of these rows, too. */
  readonly history: HistoryPlan | null
  /** Position in the topological order. */
  readonly rank: number
}

export interface VirtualColumn extends DerivedColumn {
  readonly kind: 'virtual'
}

export type ModelColumn = StoredColumn | CellColumn | VirtualColumn

export function findColumn(model: TableModel, name: string): ModelColumn | undefined {
  return (
    model.stored.find((column) => column.name === name) ??
    model.cells.find((column) => column.name === name) ??
    model.virtual.find((column) => column.name === name)
  )
}

/** How a batch of rows knows a stored column: by its attnum, an ancestor's behind those of every level below. */
export function storedKey({ level, attnum }: InheritedInput): number {
  return level * attnumsPerLevel + attnum
}
/** More than a table can have columns. */
const attnumsPerLevel = 10_000

/** The key of a stored column by the name that the table's expressions have for it; undefined for any other. */
export function storedKeyOf(model: TableModel, name: string): number | undefined {
  const own = model.stored.find((column) => column.name === name)
  if (own) return own.attnum
  const inherited = findInherited(model, name)
  return inherited?.column.kind === 'stored' ? storedKey({ level: inherited.level, attnum: inherited.column.attnum }) : undefined
}

/** The name that the table's expressions have for a cell column, its own or an ancestor's. */
export function readName(model: TableModel, id: number): string {
  const { level, column } = holderOf(model, id)
  return Array.from({ length: level }).reduce<string>((name) => parentColumnName(name), column.name)
}

/** A cell column of the table or of one of its ancestors. */
export function cellById(model: TableModel, id: number): CellColumn {
  return holderOf(model, id).column
}

/** An ancestor's cell column as a view reads it, and how far up it is; level 0 is the table's own. */
export function holderOf(model: TableModel, id: number): { readonly level: number; readonly holder: TableModel; readonly column: CellColumn } {
  for (let [level, holder]: [number, TableModel | undefined] = [0, model]; holder; level++, holder = holder.view?.parent) {
    const column = holder.cells.find((cell) => cell.id === id)
    if (column) return { level, holder, column }
  }
  throw new Error(`no cell column ${id} in table ${model.name}`)
}

/** The view whose rows a roll-up reads. */
export function rolledUpView(model: TableModel, { viewId }: RollUp): TableModel {
  const view = model.family.get(viewId)
  if (view) return view
  throw new Error(`no view of "${model.name}" has the rows that a column reads (table ${viewId})`)
}

/** The views of a table itself, not those of its views. */
export function viewsOf(model: TableModel): readonly TableModel[] {
  return [...model.family.values()].filter(({ view }) => view?.parentId === model.id)
}

/** The views whose rows some of a table's columns read, or all of them. */
export function rolledUpViews(model: TableModel, columns: readonly CellColumn[] = model.cells): readonly TableModel[] {
  return [...new Set(columns.flatMap((cell) => cell.rollUps.map((rollUp) => rolledUpView(model, rollUp))))]
}

export function ancestorAt(model: TableModel, level: number): TableModel {
  if (level === 0) return model
  if (!model.view) throw new Error(`the table ${model.name} has no parent`)
  return ancestorAt(model.view.parent, level - 1)
}

/** A column that a view reads through `parent`, by the name that its expressions have for it; undefined for one of its own. */
export function findInherited(
  model: TableModel,
  name: string,
): { readonly level: number; readonly holder: TableModel; readonly column: ModelColumn } | undefined {
  const above = model.view ? columnOfParent(name) : undefined
  if (above === undefined) return undefined
  const { parent } = model.view!
  const column = findColumn(parent, above)
  if (column) return { level: 1, holder: parent, column }
  const further = findInherited(parent, above)
  return further && { ...further, level: further.level + 1 }
}

/** Columns that workers compute now: published, and not paused. */
export function activeCells(model: TableModel, pool?: string): readonly CellColumn[] {
  return model.cells.filter((column) => column.state === 'active' && (pool === undefined || column.pool === pool))
}

/** Row ids, or groups, that one task names. */
export const maxIdsPerTask = 1000

/** Physical names: from the catalog's ids, so that renaming costs nothing. */
export function revisionTable(tableId: number): string {
  return `rev_${tableId}`
}
/** Changes of a view's rows and their cells that columns of its parent have to follow. */
export function logTable(viewId: number): string {
  return `log_${viewId}`
}
/** What a row of a view has beside its columns: whose it is, where it stands, and a hash of what the iterator gave. */
export const viewColumns = { parent: '_parent', position: 'pos', content: '_content' } as const

/** Of rows whose views read something that changed: what follows for those views' rows is worked out by a task of its own (rule 16). */
export const fanoutPool = 'fanout'

/** The pool of the expansions among a pool's columns: they are settled by other code, so their tasks are apart. */
export function expansionPool(pool: string): string {
  return `${pool}/views`
}
/** The pool whose workers serve another: its own, or that of the columns beside which it expands. */
export function servingPool(pool: string): string {
  return pool.replace(/\/(?:views|groups)$/u, '')
}
/** The pool of the history columns among a pool's columns: what they have to do is known by groups, not by rows. */
export function groupPool(pool: string): string {
  return `${pool}/groups`
}
export function isGroupPool(pool: string): boolean {
  return pool.endsWith('/groups')
}
export function isExpansionPool(pool: string): boolean {
  return pool.endsWith('/views')
}

export function cellTableName(columnId: number, generation = 1): string {
  return generation === 1 ? `cell_${columnId}` : `cell_${columnId}_${generation}`
}
