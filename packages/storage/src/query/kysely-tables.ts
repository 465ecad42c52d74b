import type { CellStatus, DeclaredNull, FlagsOf, HasSchema, ReadNull, Schema, TypeOfColumn, ValueType } from '@vivant/core'
import type { ColumnType, GeneratedAlways, Kysely } from 'kysely'

/** `db.kysely` with the tables of definitions: each as it is stored, and its live view as `live.<name>`. */
export type KyselyOf<D> = Kysely<KyselyTables<D>>

/**
 * The tables of definitions as Kysely has them. Values are those of the driver, not of the API: bigints, media and vectors come as
 * text, and JSON is written as text.
 *
 * ```ts
 * await db.kysely.selectFrom('live.videos').select(['_id', 'title', 'caption']).where('_status', '=', '{}').execute()
 * ```
 */
export type KyselyTables<D> = {
  [K in keyof D as D[K] extends HasSchema<infer S> ? S['name'] : never]: D[K] extends HasSchema<infer S> ? StoredRow<S> : never
} & {
  [K in keyof D as D[K] extends HasSchema<infer S> ? `live.${S['name']}` : never]: D[K] extends HasSchema<infer S> ? LiveRow<S> : never
}

/** The user's table. `_id` is there unless the table has an integer primary key. */
type StoredRow<S extends Schema> = { readonly _id: GeneratedAlways<number> } & {
  readonly [K in keyof S['columns'] as 'computed' extends FlagsOf<S['columns'][K]> ? never : K]: StoredColumn<S['columns'][K]>
}

/** The live view, which is only read. */
type LiveRow<S extends Schema> = { readonly _id: ReadOnly<number>; readonly _status: ReadOnly<{ readonly [column: string]: CellStatus }> } & {
  readonly [K in keyof S['columns']]: ReadOnly<DriverValue<TypeOfColumn<S['columns'][K]>> | ReadNull<S['columns'][K]>>
}

type ReadOnly<V> = ColumnType<V, never, never>

type StoredColumn<C> = ColumnType<
  DriverValue<TypeOfColumn<C>> | DeclaredNull<C>,
  DriverInput<TypeOfColumn<C>> | DeclaredNull<C> | ('default' extends FlagsOf<C> ? undefined : never) | (DeclaredNull<C> extends never ? never : undefined),
  DriverInput<TypeOfColumn<C>> | DeclaredNull<C>
>

/** What is read of a type: as text where the driver has nothing better. */
type DriverValue<T extends ValueType> = T['kind'] extends 'bigint' | 'vector' | 'image' | 'video' | 'audio' | 'document' | 'file' ? string : T['value']

/** What may be written. */
type DriverInput<T extends ValueType> = T['kind'] extends 'bigint'
  ? bigint | number | string
  : T['kind'] extends 'json' | 'record' | 'vector' | 'image' | 'video' | 'audio' | 'document' | 'file'
    ? string
    : T['input']
