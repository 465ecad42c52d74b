import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely'
import type { Statement } from '../connection/sql-client.ts'
import type { Fragment } from '../expression/sql-operator.ts'

/** A statement with its values; without a name (see `runReusable`), so that each run is planned for its own values. */
export interface CompiledStatement extends Statement {
  readonly values: readonly unknown[]
}

/** The text and the parameters of a fragment. */
export function compileStatement(fragment: Fragment): CompiledStatement {
  const { sql, parameters } = fragment.compile(compiler)
  return { text: sql, values: parameters }
}

/** Compiles, and runs nothing. */
const compiler = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})
