import { setTimeout as sleep } from 'node:timers/promises'
import { VivantError } from '@vivant/core'

/** How long one attempt of DDL may wait for a lock: everyone who comes later queues behind it for as long. */
export const lockTimeoutMs = 200

export const lockErrors: ReadonlySet<string> = new Set(['55P03', '40P01', '40001'])

/** Tries `work` again while it gives way to other transactions; DECLARATION_WAITS after `timeoutMs`. */
export async function retryOnLock<T>(what: string, timeoutMs: number, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 2, 1000)) {
    try {
      return await work()
    } catch (error) {
      if (!lockErrors.has((error as { code?: string }).code ?? '')) throw error
      if (Date.now() > deadline)
        throw new VivantError(
          'DECLARATION_WAITS',
          `${what} waits for other transactions that use the table: end them and declare again. (${(error as Error).message})`,
          { cause: error, details: { what } },
        )
      await sleep(pauseMs * (0.5 + Math.random()))
    }
  }
}
