import type { UserSession } from '../user-session.ts'
import { isUsersOwn, type Report, type Writer } from './writer.ts'

/** Who holds the lock may be another writer of the history, whose turn comes after this one's: waiting longer helps nobody. */
const lockTimeoutMs = 40

/** A session on the server. Its statements run beside everything else; one after the other within the session. */
export function sessionWriter(session: UserSession, report: Report): Writer {
  let isolation = 'read committed'
  let open = false
  const settings = session.run(`set lock_timeout = ${lockTimeoutMs}`)
  const attempt = async (statement: string): Promise<void> => {
    await settings
    try {
      await session.run(statement)
    } catch (error) {
      if (!isUsersOwn(error, isolation)) report(`a user's statement failed (${isolation}): ${String(error)} ${(error as { code?: string }).code} ${statement}`)
      await session.run('rollback')
      open = false
      isolation = 'read committed'
    }
  }
  return {
    begin: async (level) => {
      if (open) return
      isolation = level
      open = true
      await attempt(`begin isolation level ${level}`)
    },
    send: async (statement, committed) => {
      await attempt(statement)
      // who truncates holds up every reader of the table, the checks of this history among them
      if (open && statement.startsWith('truncate')) {
        await attempt('commit')
        open = false
      }
      if (!open) committed()
    },
    savepoint: async (statement) => {
      if (!open || statement.startsWith('truncate')) return
      await attempt('savepoint s')
      await attempt(statement)
      if (open) await attempt('rollback to savepoint s')
    },
    end: async (how, committed) => {
      if (open) await attempt(how)
      open = false
      isolation = 'read committed'
      committed()
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}
