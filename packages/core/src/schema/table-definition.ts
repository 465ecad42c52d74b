import type { FunctionDefinition, RetryPolicy } from '../function/function-definition.ts'
import type { ExpressionNode } from '../expression/node.ts'
import type { DataType } from '../value/data-type.ts'

/** A table as data: what `table(…)` describes, what the catalog compares with what stands in the database. */
export interface TableDefinition {
  readonly name: string
  readonly description: string | null
  readonly columns: readonly StoredColumnDefinition[]
  readonly constraints: TableConstraints
  readonly computed: readonly ComputedColumnDefinition[]
  readonly embeddingIndexes: readonly EmbeddingIndexDefinition[]
  /** Null for a table that users write. */
  readonly view: ViewDefinition | null
}

/** Where the rows of a view come from. */
export interface ViewDefinition {
  /** The table of which it is a view. */
  readonly parent: TableDefinition
  /** What gives the rows of one row of that table: an array of records. */
  readonly expansion: ExpressionNode
  /** Where it is not true there are none. */
  readonly where: ExpressionNode | null
  /** The code of every call in both. */
  readonly functions: readonly FunctionDefinition[]
}

/** A column that users write. */
export interface StoredColumnDefinition {
  readonly name: string
  readonly type: DataType
  readonly nullable: boolean
  /** In JSON form (`encodeJson`); undefined when the column has no default. */
  readonly defaultValue?: unknown
  readonly unique: boolean
  readonly primaryKey: boolean
  readonly references: ForeignKeyDefinition | null
  /** A condition over this column alone, kept as a check constraint. */
  readonly check: ExpressionNode | null
  /** Of the value for numbers, of the length for text. */
  readonly min: number | null
  readonly max: number | null
  readonly description: string | null
  /** The database fills it in where an insert leaves it out, by a default or an expression that Vivant does not know. */
  readonly filled?: boolean
  /** Of `t.json(schema)`: throws with the schema's reasons, or returns the accepted value. Code, so never in the catalog. */
  readonly validate?: (value: unknown) => unknown
}

export interface ForeignKeyDefinition {
  readonly table: string
  readonly column: string
  readonly onDelete: 'noAction' | 'cascade' | 'setNull'
}

export interface TableConstraints {
  readonly primaryKey: readonly string[] | null
  readonly unique: readonly (readonly string[])[]
  readonly indexes: readonly (readonly string[])[]
}

/** A column that Vivant computes. */
export interface ComputedColumnDefinition {
  readonly name: string
  readonly expression: ExpressionNode
  readonly nullable: boolean
  readonly options: ComputedColumnOptions
  /** The code of every call in the expression and in `when`. */
  readonly functions: readonly FunctionDefinition[]
}

export interface ComputedColumnOptions {
  readonly when: ExpressionNode | null
  readonly onError: OnError
  /** Greater is served earlier among backfills. */
  readonly priority: number
  readonly retry: RetryPolicy | null
  readonly description: string | null
  readonly onCodeChange: CodeChangePolicy
}
/** `block`: dependents are blocked; `null`: they read null; `stop`: the column pauses after so many failures, or above a share. */
export type OnError = 'block' | 'null' | { readonly stop: { readonly after?: number; readonly above?: number } }
export type CodeChangePolicy = 'recompute' | 'keep' | 'manual'

export interface EmbeddingIndexDefinition {
  /** The column that is searched. */
  readonly column: string
  readonly name: string
  readonly metric: VectorMetric
  readonly model: EmbeddingModelDefinition
}
export type VectorMetric = 'cosine' | 'l2' | 'innerProduct'

/** What an embedding model is at run time: a function from the column's type to a vector, one for questions. */
export interface EmbeddingModelDefinition {
  readonly name: string
  readonly dimensions: number
  readonly embed: FunctionDefinition
  /** The question's function where it differs (text against images); else `embed`. */
  readonly embedQuery: FunctionDefinition
}
