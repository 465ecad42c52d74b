import { availableParallelism } from 'node:os'
import { ReadingProcess } from './reading-process.ts'

/** One for each core but one, as far as four: each may take `maxMemoryBytes`. */
export const maxProcesses: number = Math.max(1, Math.min(4, availableParallelism() - 1))
/** So long a process waits for the next document. */
const idleMs = 10_000

const idle: { readonly process: ReadingProcess; readonly timer: NodeJS.Timeout }[] = []
const waiting: (() => void)[] = []
let busy = 0

/** A process for one document; `release` says that it is no longer used. Waits its turn: memory is bounded. */
export async function acquireProcess(): Promise<{ readonly process: ReadingProcess; readonly release: () => void }> {
  if (busy >= maxProcesses) await new Promise<void>((resolve) => waiting.push(resolve))
  else busy++
  const process = takeIdle() ?? new ReadingProcess()
  const release = (): void => {
    if (process.isAlive) {
      const timer = setTimeout(() => {
        idle.splice(
          idle.findIndex((entry) => entry.process === process),
          1,
        )
        process.kill()
      }, idleMs)
      timer.unref()
      idle.push({ process, timer })
    }
    // The turn is handed on, not given back and taken.
    const next = waiting.shift()
    if (next) next()
    else busy--
  }
  return { process, release }
}

function takeIdle(): ReadingProcess | undefined {
  for (let entry = idle.pop(); entry; entry = idle.pop()) {
    clearTimeout(entry.timer)
    if (entry.process.isAlive) return entry.process
  }
  return undefined
}
