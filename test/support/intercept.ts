import type { Database, Statement } from '@vivant/storage'

type QueryArrays = Database['queryArrays']

/** The database with a step of the test's after the first statement whose text matches. */
export function afterStatement(database: Database, pattern: RegExp, step: () => Promise<unknown>): Database {
  let done = false
  return intercept(database, async (run, statement) => {
    const result = await run(statement)
    if (!done && pattern.test(statement.text)) {
      done = true
      await step()
    }
    return result
  })
}

/** The database with a step of the test's in a transaction, after its first statement whose text matches. On a server: it needs a second session. */
export function afterStatementInTransaction(database: Database, pattern: RegExp, step: () => Promise<unknown>): Database {
  let done = false
  return withMethod(database, 'transaction', (work: Parameters<Database['transaction']>[0], options: Parameters<Database['transaction']>[1]) =>
    database.transaction(
      (tx) =>
        work(
          withMethod(tx, 'queryArrays', async (statement: Statement) => {
            const result = await tx.queryArrays(statement)
            if (!done && pattern.test(statement.text)) {
              done = true
              await step()
            }
            return result
          }),
        ),
      options,
    ),
  )
}

/** The database with other statements in place of those that match. */
export function rewriteStatements(database: Database, rewrite: (text: string) => string): Database {
  return intercept(database, (run, statement) => {
    const text = rewrite(statement.text)
    return run(text === statement.text ? statement : { text, values: statement.values ?? [] })
  })
}

function intercept(database: Database, around: (run: QueryArrays, statement: Statement) => ReturnType<QueryArrays>): Database {
  const run: QueryArrays = (statement) => database.queryArrays(statement)
  return withMethod(database, 'queryArrays', (statement: Statement) => around(run, statement))
}

function withMethod<T extends object>(target: T, method: keyof T, replacement: (...args: never[]) => unknown): T {
  return new Proxy(target, {
    get(_, name) {
      if (name === method) return replacement
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
