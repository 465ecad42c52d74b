import type { Database } from '@vivant/storage'
import { isUsersOwn, type Report, type Writer } from './writer.ts'

class RolledBack extends Error {}

/** The one session of the embedded engine: what is meant for a transaction is collected and sent at its end. */
export function embeddedWriter(database: Database, report: Report): Writer {
  let collected: string[] | null = null
  const run = async (statements: readonly string[], how: 'commit' | 'rollback'): Promise<void> => {
    try {
      await database.transaction(async (tx) => {
        for (const statement of statements) await tx.query(statement)
        if (how === 'rollback') throw new RolledBack()
      })
    } catch (error) {
      if (!(error instanceof RolledBack) && !isUsersOwn(error, 'read committed')) report(`a user's statement failed: ${String(error)} ${statements.join('; ')}`)
    }
  }
  return {
    begin: async () => void (collected ??= []),
    send: async (statement, committed) => {
      if (collected) collected.push(statement)
      else {
        await run([statement], 'commit')
        committed()
      }
    },
    savepoint: async (statement) => void collected?.push('savepoint s', statement, 'rollback to savepoint s'),
    end: async (how, committed) => {
      const statements = collected
      collected = null
      if (statements) await run(statements, how)
      committed()
    },
    [Symbol.asyncDispose]: async () => {},
  }
}
