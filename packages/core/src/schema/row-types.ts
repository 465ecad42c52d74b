import type { DeclaredNull, FlagsOf, ReadNull, TypeOfColumn } from '../column/column.ts'
import type { VivantTypeError } from '../error/type-error.ts'
import type { Expression } from '../expression/expression.ts'
import type { ColumnName, Schema, SchemaOf } from './schema.ts'

type Flatten<T> = { -readonly [K in keyof T]: T[K] } & {}

type IsStored<C> = FlagsOf<C> & ('computed' | 'derived') extends never ? true : false
type MayBeLeftOut<C> = FlagsOf<C> & ('nullable' | 'default') extends never ? false : true

type RequiredName<C> = keyof { [K in keyof C as [IsStored<C[K]>, MayBeLeftOut<C[K]>] extends [true, false] ? K : never]: 1 }
type OptionalName<C> = keyof { [K in keyof C as [IsStored<C[K]>, MayBeLeftOut<C[K]>] extends [true, true] ? K : never]: 1 }
type DerivedName<C> = keyof { [K in keyof C as IsStored<C[K]> extends false ? K : never]: 1 }

// In what follows nothing that a message may print has a name of its own: the compiler would show the name.

/** A row as a query without `select` gives it. */
export type SelectRow<S extends Schema> = Flatten<
  { _id: number } & {
    [K in keyof S['columns']]: TypeOfColumn<S['columns'][K]>['value'] | ReadNull<S['columns'][K]>
  }
>
/** The same when every cell is known to be there (`.ready()`). */
export type ReadySelectRow<S extends Schema> = Flatten<
  { _id: number } & {
    [K in keyof S['columns']]: TypeOfColumn<S['columns'][K]>['value'] | DeclaredNull<S['columns'][K]>
  }
>

export type InsertRow<S extends Schema> = Flatten<
  { [K in RequiredName<S['columns']>]: TypeOfColumn<S['columns'][K]>['input'] | DeclaredNull<S['columns'][K]> } & {
    [K in OptionalName<S['columns']>]?: TypeOfColumn<S['columns'][K]>['input'] | DeclaredNull<S['columns'][K]>
  } & {
    [K in DerivedName<S['columns']>]?: VivantTypeError<`'${K & string}' is computed: Vivant writes it, an insert or update cannot`>
  }
>

/** Each stored column: a value, or an expression over the old row. */
export type UpdateRow<S extends Schema> = {
  -readonly [K in ColumnName<S>]?: IsStored<S['columns'][K]> extends true
    ? TypeOfColumn<S['columns'][K]>['input'] | DeclaredNull<S['columns'][K]> | Expression<TypeOfColumn<S['columns'][K]>, DeclaredNull<S['columns'][K]>>
    : VivantTypeError<`'${K & string}' is computed: Vivant writes it, an insert or update cannot`>
}

/** The types of a table, for signatures: `Selectable<typeof videos>`. Kysely's names. */
export type Selectable<X> = SelectRow<SchemaOf<X>>
export type Insertable<X> = InsertRow<SchemaOf<X>>
export type Updateable<X> = UpdateRow<SchemaOf<X>>
