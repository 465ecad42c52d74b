import { createIndex } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'
import type { IndexOptions } from '../table/alterable.ts'

/** An index over columns of a table; see `Alterable.addIndex`. */
export async function addIndex(
  runtime: Runtime,
  table: string,
  columns: readonly string[],
  { unique = false, ordered = false, name }: IndexOptions = {},
): Promise<void> {
  const model = await runtime.freshModel(table)
  await createIndex(runtime.database, model, { columns, unique, ordered, name: name ?? null })
}
