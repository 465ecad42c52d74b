import type { Database, SqlClient, SqlTransaction } from '@vivant/storage'

/** The database as one worker sees it. Once killed, no call of that worker comes back, as if its process were gone. */
export interface KillableDatabase {
  readonly database: Database
  kill(): void
}

const never = new Promise<never>(() => {})

/** Ends a transaction that its worker did not live to commit; the worker itself never hears of it. */
class Killed extends Error {}

export function killableDatabase(database: Database): KillableDatabase {
  let killed = false
  const listeners: AsyncDisposable[] = []
  /** A call that was under way when the worker died took effect or not; its answer is lost either way. */
  const alive = async <T>(call: () => Promise<T>): Promise<T> => {
    if (killed) return never
    try {
      const result = await call()
      return killed ? await never : result
    } catch (error) {
      if (killed) return never
      throw error
    }
  }
  const clientOf = <C extends SqlClient>(client: C): C => {
    const guard = async <T>(call: () => Promise<T>): Promise<T> => {
      if (killed) throw new Killed()
      const result = await call()
      if (killed) throw new Killed()
      return result
    }
    return new Proxy(client, {
      get: (target, name) =>
        name === 'query' || name === 'queryArrays'
          ? (statement: never) => guard<unknown>(() => target[name](statement))
          : (Reflect.get(target, name, target) as unknown),
    })
  }
  const wrapped = new Proxy(database, {
    get(target, name) {
      if (name === 'query' || name === 'queryArrays') return (statement: never) => alive<unknown>(() => target[name](statement))
      if (name === 'transaction')
        return (work: (tx: SqlTransaction) => Promise<unknown>, options?: never) => alive(() => target.transaction((tx) => work(clientOf(tx)), options))
      if (name === 'session') return (work: (client: SqlClient) => Promise<unknown>) => alive(() => target.session((client) => work(clientOf(client))))
      if (name === 'listen')
        return (...args: Parameters<Database['listen']>) =>
          alive(async () => {
            const listener = await target.listen(...args)
            if (killed) await listener[Symbol.asyncDispose]()
            listeners.push(listener)
            return listener
          })
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  return {
    database: wrapped,
    kill: () => {
      killed = true
      for (const listener of listeners) void listener[Symbol.asyncDispose]()
    },
  }
}
