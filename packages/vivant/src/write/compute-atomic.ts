import { randomUUID } from 'node:crypto'
import { VivantError } from '@vivant/core'
import { settleInserted } from '@vivant/engine'
import type { SqlTransaction, TableModel } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'

/** The most rows of one atomic insert: it holds a transaction open while their functions run. */
export const maxAtomicRows = 1000

/** Computes the cells of rows that `client` has just inserted. Throws FUNCTION_FAILED, after which the transaction is to be rolled back. */
export async function computeAtomic(
  runtime: Runtime,
  client: SqlTransaction,
  model: TableModel,
  { ids, indexes, signal }: { readonly ids: readonly number[]; readonly indexes: readonly number[]; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const context = {
    database: client,
    functions: runtime.functionSource(),
    environment: runtime.functionEnvironment(runtime.media.on(client)),
    log: runtime.log,
    owner: randomUUID(),
  }
  const { accepted, failure } = await settleInserted(context, model, ids, signal ?? new AbortController().signal)
  if (!accepted)
    throw new VivantError('DECLARATION_WAITS', `'${model.name}' was changed meanwhile, so nothing was stored: insert again.`, {
      details: { table: model.name },
    })
  if (failure === null) return
  const { column, row, status, error } = failure
  const index = indexes[row] ?? row
  throw new VivantError('FUNCTION_FAILED', `'${column}' of the row ${index} is ${status}, so nothing was stored: ${error?.message ?? 'what it reads failed'}`, {
    details: { table: model.name, column, index, ...(error ? { code: error.code } : {}) },
  })
}
