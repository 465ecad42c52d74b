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

/** The database with other statements in place of those that match. */
export function rewriteStatements(database: Database, rewrite: (text: string) => string): Database {
  return intercept(database, (run, statement) => {
    const text = rewrite(statement.text)
    return run(text === statement.text ? statement : { text, values: statement.values ?? [] })
  })
}

function intercept(database: Database, around: (run: QueryArrays, statement: Statement) => ReturnType<QueryArrays>): Database {
  const run: QueryArrays = (statement) => database.queryArrays(statement)
  return new Proxy(database, {
    get(target, name) {
      if (name === 'queryArrays') return (statement: Statement) => around(run, statement)
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
