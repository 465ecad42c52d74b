import type { AnyColumn, Column, ColumnFlag, FlagsOf, TypeOfColumn } from '../column/column.ts'
import type { VivantTypeError } from '../error/type-error.ts'
import type { Expression } from '../expression/expression.ts'
import type { NumberType } from '../value/value-type.ts'

export type Columns = { readonly [name: string]: AnyColumn }

/** All that the type of a table knows. `indexes` maps a column with an embedding index to what may be searched for. */
export interface Schema<Name extends string = string, C extends object = object, I extends object = object, P = unknown> {
  readonly name: Name
  readonly columns: C
  readonly indexes: I
  readonly parent: P
}

declare const schema: unique symbol
/** Whatever has a schema: a table, a view, a pending one, a definition. */
export interface HasSchema<out S extends Schema = Schema> {
  readonly [schema]: S
}
export type SchemaOf<X> = X extends HasSchema<infer S> ? S : never

export type TableSchema<Name extends string, C extends object> = Schema<Name, C, {}, null>

/** A view's own columns are what its iterator yields; the rest is reached through `parent`. */
export type ViewSchema<Name extends string, C extends object, P extends Schema> = Schema<Name, DerivedColumns<C>, {}, P>
type DerivedColumns<C> = { readonly [K in keyof C]: DerivedColumn<C[K]> } & { readonly pos: Column<NumberType, 'derived'> }
type DerivedColumn<C> = Column<TypeOfColumn<C>, Extract<FlagsOf<C>, 'nullable'> | 'derived'>

// Conditional, so that they are worked out at once: messages then begin with the table's name instead of
// `WithColumn<WithColumn<WithColumn<…`, and a long chain does not nest.
export type WithColumn<S extends Schema, K extends string, C> = [S] extends [never]
  ? never
  : Schema<S['name'], S['columns'] & { readonly [_ in K]: C }, S['indexes'], S['parent']>
export type WithIndex<S extends Schema, K extends string, Q> = [S] extends [never]
  ? never
  : Schema<S['name'], S['columns'], S['indexes'] & { readonly [_ in K]: Q }, S['parent']>

/** The options after which a column may be null whatever its expression says. */
type NullingOptions = { readonly when: unknown } | { readonly onError: 'null' }

/** The column that an expression makes when it is stored. */
export type ComputedColumn<X, O = {}> =
  X extends Expression<infer T, infer N> ? Column<T, 'computed' | ([N] extends [never] ? (O extends NullingOptions ? 'nullable' : never) : 'nullable')> : never

export type ColumnName<S extends Schema> = keyof S['columns'] & string
export type ColumnOf<S extends Schema, K> = K extends keyof S['columns'] ? S['columns'][K] : never
/** A record of the columns that have a flag; `keyof` it where a parameter names one, so that messages list them. */
export type ColumnsWith<S extends Schema, F extends ColumnFlag> = {
  [K in keyof S['columns'] & string as F extends FlagsOf<S['columns'][K]> ? K : never]: 1
}

/** A name that a new column of `S` may have: itself, or the reason why not. */
export type NewColumnName<S extends Schema, K extends string> =
  K extends KnownNames<S['columns']>
    ? VivantTypeError<`'${S['name']}' already has a column '${K}'`>
    : K extends ReservedName<S>
      ? VivantTypeError<`'${K}' is a reserved name: no '_' at the start, no '$', and no 'parent' or 'pos' in a view`>
      : K
/** None where any column may be there. */
type KnownNames<C> = string extends keyof C ? never : keyof C
type ReservedName<S extends Schema> = `_${string}` | `${string}$${string}` | (S['parent'] extends null ? never : 'parent' | 'pos')

/** The columns of a definition, each with an allowed name; used as `C & AllowedColumns<C>`. */
export type AllowedColumns<C, Reserved extends string = `_${string}` | `${string}$${string}`> = {
  [K in keyof C]: K extends Reserved ? VivantTypeError<`'${K & string}' is a reserved name here`> : C[K]
}
