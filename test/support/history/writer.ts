/** Somebody who writes to the table. What fails, fails as it would without Vivant. */
export interface Writer extends AsyncDisposable {
  begin(isolation: string): Promise<void>
  send(statement: string, committed: () => void): Promise<void>
  savepoint(statement: string): Promise<void>
  end(how: 'commit' | 'rollback', committed: () => void): Promise<void>
}

export type Report = (problem: string) => void

/** Errors that a user's transaction may have without Vivant as well: it collides with another, or with an id that is taken. */
const usersOwnErrors: ReadonlySet<string> = new Set(['40P01', '55P03', '23505', '25P02', '21000'])

export function isUsersOwn(error: unknown, isolation: string): boolean {
  const code = (error as { code?: string }).code ?? ''
  return usersOwnErrors.has(code) || (code === '40001' && isolation !== 'read committed')
}
