import type { Database, SqlTransaction } from '@vivant/storage'

/** A transaction that stays open across the steps of a test, in the shape of a database: what runs on it is committed by `commit`. */
export interface OpenTransaction extends AsyncDisposable {
  readonly database: Database
  commit(): Promise<void>
}

export async function transactionAsDatabase(database: Database): Promise<OpenTransaction> {
  const opened = Promise.withResolvers<SqlTransaction>()
  const end = Promise.withResolvers<'commit' | 'rollback'>()
  const ended = database
    .transaction(async (tx) => {
      opened.resolve(tx)
      if ((await end.promise) === 'rollback') throw new Error('rolled back')
    })
    .catch((error: unknown) => {
      opened.reject(error)
    })
  const tx = await opened.promise
  const nested = new Proxy(database, {
    get(target, name) {
      if (name === 'query' || name === 'queryArrays') return tx[name].bind(tx)
      if (name === 'transaction') return (work: (client: SqlTransaction) => Promise<unknown>) => work(tx)
      return Reflect.get(target, name, target) as unknown
    },
  })
  return {
    database: nested,
    commit: async () => {
      end.resolve('commit')
      await ended
    },
    [Symbol.asyncDispose]: async () => {
      end.resolve('rollback')
      await ended
    },
  }
}
