import type { ComputedColumnOptions, DataType, ExpressionNode } from '@vivant/core'
import type { ViewSource } from './catalog-rows.ts'

/**
 * One table as workers and queries see it: the catalog's rows, with virtual columns inlined, media references resolved,
 * and the inputs of every column worked out. Immutable; made anew for each schema version.
 */
export interface TableModel {
  readonly id: number
  readonly schemaName: string
  readonly liveSchema: string
  readonly name: string
  /** The oid of the user's table. */
  readonly relation: number
  /** The integer primary key, or `_id`. */
  readonly idColumn: string
  readonly idAttnum: number
  readonly schemaVersion: number
  /** Null for a table that users write. */
  readonly view: ViewSource | null
  readonly stored: readonly StoredColumn[]
  /** Columns of an adopted table whose type or name Vivant does not take: shown in the live view, and nothing else. */
  readonly opaque: readonly OpaqueColumn[]
  /** Columns with cells, hidden ones too, inputs before what reads them: the order in which cells are written and locked. */
  readonly cells: readonly CellColumn[]
  readonly virtual: readonly VirtualColumn[]
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
  /** Ids of the cell columns it reads, also through its condition; ascending. */
  readonly cellInputs: readonly number[]
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

export function cellById(model: TableModel, id: number): CellColumn {
  const column = model.cells.find((cell) => cell.id === id)
  if (!column) throw new Error(`no cell column ${id} in table ${model.name}`)
  return column
}

/** Columns that workers compute now: published, and not paused. */
export function activeCells(model: TableModel, pool?: string): readonly CellColumn[] {
  return model.cells.filter((column) => column.state === 'active' && (pool === undefined || column.pool === pool))
}

/** Physical names: from the catalog's ids, so that renaming costs nothing. */
export function revisionTable(tableId: number): string {
  return `rev_${tableId}`
}
/** What a row of a view has beside its columns: whose it is, where it stands, and a hash of what the iterator gave. */
export const viewColumns = { parent: '_parent', position: 'pos', content: '_content' } as const

/** The pool of the expansions among a pool's columns: they are settled by other code, so their tasks are apart. */
export function expansionPool(pool: string): string {
  return `${pool}/views`
}
/** The pool whose workers serve another: its own, or that of the columns beside which it expands. */
export function servingPool(pool: string): string {
  return pool.replace(/\/views$/u, '')
}
export function isExpansionPool(pool: string): boolean {
  return pool.endsWith('/views')
}

export function cellTableName(columnId: number, generation = 1): string {
  return generation === 1 ? `cell_${columnId}` : `cell_${columnId}_${generation}`
}
