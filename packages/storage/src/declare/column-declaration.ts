import type { ComputedColumnOptions, DataType, ExpressionNode } from '@vivant/core'
import type { ColumnKind } from '../catalog/catalog-rows.ts'

/** A column to be added to the catalog, or the new form of one that is there. */
export interface ColumnDeclaration {
  readonly name: string
  readonly kind: Exclude<ColumnKind, 'stored'>
  readonly type: DataType
  readonly nullable: boolean
  readonly expression: ExpressionNode
  readonly condition: ExpressionNode | null
  readonly pool: string
  readonly codeHash: string | null
  readonly options: ComputedColumnOptions & Readonly<Record<string, unknown>>
}
