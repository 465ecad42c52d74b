import { transactionKysely, type TransactionOptions, inTurn, type SqlTransaction, type UserTransaction, userTransactionClient } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'

/** One connection inside a transaction: what `insertRows`, `upsertRows` and queries take as their `client`. */
export interface TransactionScope {
  readonly client: SqlTransaction
  /** A Kysely on the same connection. */
  readonly kysely: ReturnType<typeof transactionKysely>
}

/**
 * Runs `work` in one transaction: committed when it returns, rolled back when it throws. Workers see the rows, and begin,
 * after the commit. A call on the database itself from inside throws INSIDE_TRANSACTION.
 *
 * @example
 * await runTransaction(runtime, async ({ client, kysely }) => {
 *   await insertRows(runtime, videos, rows, {}, client)
 *   await kysely.insertInto('orders').values(order).execute()
 * })
 */
export async function runTransaction<T>(runtime: Runtime, work: (scope: TransactionScope) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
  const result = await runtime.database.userTransaction((client, raw) => work({ client: inTurn(client), kysely: transactionKysely(raw) }), options)
  runtime.wake()
  return result
}

/**
 * The client for calls on a connection of the user's own, inside a transaction that is the user's to commit. Workers are
 * woken by the database at that commit.
 *
 * @throws CONFIGURATION_INVALID for a pool or a Kysely outside a transaction
 */
export function clientOf(transaction: UserTransaction): SqlTransaction {
  return userTransactionClient(transaction)
}
