import { VivantError } from '@vivant/core'
import { CompiledQuery, Kysely, PostgresDialect, PostgresDriver, type Driver, type PostgresDialectConfig, type Transaction } from 'kysely'
import type { ClientBase, PoolClient, QueryConfig, QueryResult } from 'pg'
import { sqlClientOf } from '../connection/database.ts'
import { kyselyClient } from '../connection/kysely-pool.ts'
import type { SqlTransaction, Statement } from '../connection/sql-client.ts'

/** A connection of the user's own, inside a transaction that is the user's too: of node-postgres, or Kysely's over any schema. */
export type UserTransaction = ClientBase | Pick<Transaction<unknown>, 'isTransaction' | 'executeQuery'>

/**
 * What runs our statements on the user's connection.
 *
 * @throws CONFIGURATION_INVALID for a pool, or a Kysely outside a transaction: each statement could go to another connection
 */
export function userTransactionClient(given: UserTransaction): SqlTransaction {
  if (isKyselyTransaction(given)) return inTurn(kyselyTransactionClient(given))
  if (isClient(given)) return inTurn(sqlClientOf({ query: queryInside(given) }))
  throw new VivantError(
    'CONFIGURATION_INVALID',
    'using(…) takes a connection inside a transaction: a client of node-postgres (await pool.connect(), then begin) or the transaction that Kysely gives; not a pool, nor Kysely itself.',
  )
}

/** The connection's `query`, refused while no transaction is open: each statement would be committed by itself. */
function queryInside(client: ClientBase): ClientBase['query'] {
  const query = (config: QueryConfig): Promise<QueryResult> => {
    // the user's node-postgres may be one that does not tell
    if ('getTransactionStatus' in client && client.getTransactionStatus() === 'I')
      throw new VivantError(
        'CONFIGURATION_INVALID',
        'using(client) takes a connection inside a transaction, and none is open there: await client.query("begin") first.',
      )
    return client.query(config)
  }
  return query as ClientBase['query']
}

/** The same client, one statement after the other: calls that run beside each other in one transaction wait for their turn. */
export function inTurn(client: SqlTransaction): SqlTransaction {
  let last: Promise<unknown> = Promise.resolve()
  const next = <T>(run: () => Promise<T>): Promise<T> => {
    const result = last.then(run)
    last = result.catch(() => {})
    return result
  }
  return {
    insideTransaction: true,
    query: <R>(statement: Statement | string) => next(() => client.query<R>(statement)),
    queryArrays: (statement) => next(() => client.queryArrays(statement)),
  }
}

/** A Kysely on the one connection of a transaction. A transaction inside it would commit the outer one, so it is refused. */
export function transactionKysely(client: Pick<PoolClient, 'query'>): Kysely<Record<string, Record<string, unknown>>> {
  const own = kyselyClient(client, () => {})
  return new Kysely({ dialect: new OneTransactionDialect({ pool: { connect: async () => own, end: async () => {} } as never }) })
}

class OneTransactionDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig

  constructor(config: PostgresDialectConfig) {
    super(config)
    this.#config = config
  }

  override createDriver(): Driver {
    return new OneTransactionDriver(this.#config)
  }
}

class OneTransactionDriver extends PostgresDriver {
  override async beginTransaction(): Promise<void> {
    throw new VivantError('INSIDE_TRANSACTION', 'tx.kysely is in a transaction already: use it as it is, without transaction().')
  }
}

function kyselyTransactionClient(transaction: Transaction<unknown>): SqlTransaction {
  const run = (statement: Statement | string) => {
    const { text, values = [] } = typeof statement === 'string' ? { text: statement } : statement
    return transaction.executeQuery<Record<string, unknown>>(CompiledQuery.raw(text, values as unknown[]))
  }
  const countOf = (result: { readonly numAffectedRows?: bigint | undefined; readonly rows: readonly unknown[] }): number =>
    Number(result.numAffectedRows ?? result.rows.length)
  return {
    insideTransaction: true,
    query: (async (statement: Statement | string) => {
      const result = await run(statement)
      return { rows: result.rows, rowCount: countOf(result) }
    }) as SqlTransaction['query'],
    queryArrays: async (statement) => {
      const result = await run(statement)
      return { rows: result.rows.map((row) => Object.values(row)), rowCount: countOf(result) }
    },
  }
}

function isKyselyTransaction(given: unknown): given is Transaction<unknown> {
  return typeof given === 'object' && given !== null && 'executeQuery' in given && 'isTransaction' in given && given.isTransaction === true
}

/** Not a pool: that one counts its clients. */
function isClient(given: unknown): given is ClientBase {
  return (
    typeof given === 'object' &&
    given !== null &&
    'query' in given &&
    typeof given.query === 'function' &&
    !('totalCount' in given) &&
    !('executeQuery' in given)
  )
}
