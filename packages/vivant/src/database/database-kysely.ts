import type { KyselyOf, Database as StorageDatabase } from '@vivant/storage'

/** Kysely with any tables. */
export type AnyKysely = StorageDatabase['kysely']

/** Kysely typed by definitions, if there are any: beside `AnyKysely`, whose signatures come after these. */
export type HasKysely<D> = [keyof D] extends [never] ? {} : string extends keyof D ? {} : { readonly kysely: KyselyOf<D> }
