import type { ComputedColumnOptions, DataType, ExpressionNode } from '@vivant/core'

/** A row of `vivant.table`, as `buildModel` takes it. */
export interface CatalogTable {
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
}

/** Where the rows of a view come from. */
export interface ViewSource {
  readonly parentId: number
  /** The parent's column whose cells make the rows. */
  readonly expansionId: number
  readonly expansionTable: string
}

/** A row of `vivant.column`. */
export interface CatalogColumn {
  readonly id: number
  readonly name: string
  readonly kind: ColumnKind
  readonly attnum: number | null
  readonly type: DataType
  readonly nullable: boolean
  readonly expression: ExpressionNode | null
  readonly condition: ExpressionNode | null
  readonly pool: string
  readonly version: number
  readonly state: 'declaring' | 'active' | 'paused'
  readonly codeHash: string | null
  readonly codeHashes: readonly string[]
  readonly options: ComputedColumnOptions & Readonly<Record<string, unknown>>
  readonly cellTable: string | null
  readonly position: number
}
export type ColumnKind = 'stored' | 'opaque' | 'computed' | 'virtual' | 'media' | 'embedding' | 'expansion'
