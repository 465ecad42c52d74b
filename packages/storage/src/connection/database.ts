import { AsyncLocalStorage } from 'node:async_hooks'
import { VivantError } from '@vivant/core'
import { Kysely, PostgresDialect } from 'kysely'
import type { Pool, PoolClient } from 'pg'
import { typeParsers } from '../value/type-parsers.ts'
import type { EngineProfile } from './engine-profile.ts'
import { connectClient } from './connect-client.ts'
import { kyselyPool } from './kysely-pool.ts'
import type { ArrayResult, ObjectResult, SqlClient, SqlTransaction, Statement } from './sql-client.ts'

export interface DatabaseParts {
  readonly pool: Pool
  readonly profile: EngineProfile
  /** Ends what is behind the pool: the embedded engine, its lock. */
  readonly dispose: () => Promise<void>
}

/** The options of a transaction. A worker's are short; a user's may last. */
export interface TransactionOptions {
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable'
  readonly readOnly?: boolean
  /** For DDL: how long it may wait for a lock before it gives way (and is tried again). */
  readonly lockTimeoutMs?: number
}

/** The user's transaction that the current call stack is in; a call on the database itself from there would wait for ever on one connection. */
const userTransaction = new AsyncLocalStorage<Database>()

/**
 * PostgreSQL, whichever engine it is: statements, transactions and a Kysely over one pool.
 *
 * @example
 * await database.transaction(async (tx) => { await tx.query({ text: 'select 1' }) })
 */
export class Database implements SqlClient, AsyncDisposable {
  readonly profile: EngineProfile
  readonly kysely: Kysely<Record<string, Record<string, unknown>>>
  readonly #pool: Pool
  readonly #disposeParts: () => Promise<void>
  #closed = false

  constructor(parts: DatabaseParts) {
    this.profile = parts.profile
    this.#pool = parts.pool
    this.#disposeParts = parts.dispose
    this.kysely = new Kysely({ dialect: new PostgresDialect({ pool: kyselyPool(parts.pool, () => this.#checkUsable()) }) })
  }

  async query<R = Record<string, unknown>>(statement: Statement | string): Promise<ObjectResult<R>> {
    return this.session((client) => client.query<R>(statement))
  }

  async queryArrays(statement: Statement): Promise<ArrayResult> {
    return this.session((client) => client.queryArrays(statement))
  }

  /** Runs `work` in one transaction; it is rolled back when `work` throws. */
  async transaction<T>(work: (client: SqlTransaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    this.#checkUsable()
    return this.#inTransaction((client) => work(clientOf(client)), options)
  }

  /** The same for code of the user's: calls on the database from inside throw INSIDE_TRANSACTION instead of waiting for ever. */
  async userTransaction<T>(work: (client: SqlTransaction, raw: Queryable) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    this.#checkUsable()
    return this.#inTransaction(async (client) => {
      const { queryable, end } = untilEnded(client)
      return userTransaction.run(this, () => work(clientOf(queryable), queryable)).finally(end)
    }, options)
  }

  /** One connection for as long as `work` lasts, outside a transaction. */
  async session<T>(work: (client: SqlClient) => Promise<T>): Promise<T> {
    this.#checkUsable()
    const client = await connectClient(this.#pool)
    try {
      return await work(clientOf(client))
    } finally {
      client.release()
    }
  }

  /** A connection of its own that listens until it is disposed; `onLost` when it breaks. Only where `profile.notifications`. */
  async listen(channel: string, onNotification: (payload: string) => void, onLost: () => void): Promise<AsyncDisposable> {
    this.#checkUsable()
    const client = await connectClient(this.#pool)
    let released = false
    const release = (): void => {
      if (released) return
      released = true
      client.removeAllListeners('notification')
      client.release(true)
    }
    client.on('notification', (message) => onNotification(message.payload ?? ''))
    client.once('error', () => {
      release()
      onLost()
    })
    await client.query(`listen ${channel}`)
    return { [Symbol.asyncDispose]: async () => release() }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#disposeParts()
  }

  #checkUsable(): void {
    if (this.#closed) throw new VivantError('CLOSED', 'The database has been closed: connect again.')
    if (userTransaction.getStore() === this)
      throw new VivantError(
        'INSIDE_TRANSACTION',
        'This call on the database was made inside the callback of db.transaction, where it would run outside the transaction: use the callback’s `tx` instead.',
      )
  }

  async #inTransaction<T>(work: (client: PoolClient) => Promise<T>, options: TransactionOptions): Promise<T> {
    const client = await connectClient(this.#pool)
    try {
      await client.query(beginStatement(options))
      const result = await work(client)
      await client.query('commit')
      return result
    } catch (error) {
      // a connection that broke has rolled back already, and the pool replaces it
      await client.query('rollback').catch(() => {})
      throw error
    } finally {
      // never release(error): the embedded engine is one session behind every client of its pool
      client.release()
    }
  }
}

function beginStatement(options: TransactionOptions): string {
  const begin = ['begin', options.isolation && `isolation level ${options.isolation}`, options.readOnly && 'read only'].filter(Boolean).join(' ')
  return options.lockTimeoutMs === undefined ? begin : `${begin}; set local lock_timeout = ${Math.trunc(options.lockTimeoutMs)}`
}

export type Queryable = Pick<PoolClient, 'query'>

/** A call that was not awaited must not reach the connection once the pool has given it to somebody else. */
function untilEnded(client: PoolClient): { readonly queryable: Queryable; readonly end: () => void } {
  let ended = false
  const query = (config: object): Promise<unknown> => {
    if (ended) throw new VivantError('CLOSED', 'The transaction has ended: await every call on `tx` inside the callback.')
    return (client as Driver).query(config)
  }
  return { queryable: { query: query as Queryable['query'] }, end: () => (ended = true) }
}
/** node-postgres takes type parsers with each query; its types do not say so. */
interface Driver {
  query(config: object): Promise<unknown>
}

function clientOf(client: Queryable): SqlTransaction {
  return {
    insideTransaction: true,
    query: (statement) => runObjects(client, statement),
    queryArrays: (statement) => runArrays(client, statement),
  }
}

/** A client of the user's own (node-postgres), for `using(client)`. */
export function sqlClientOf(client: Queryable): SqlTransaction {
  return clientOf(client)
}

async function runObjects<R>(client: Queryable, statement: Statement | string): Promise<ObjectResult<R>> {
  const config = typeof statement === 'string' ? { text: statement } : statement
  const result: unknown = await (client as Driver).query({ ...config, types: typeParsers })
  return result as ObjectResult<R>
}

async function runArrays(client: Queryable, statement: Statement): Promise<ArrayResult> {
  const result: unknown = await (client as Driver).query({ ...statement, rowMode: 'array', types: typeParsers })
  return result as ArrayResult
}
