import { setTimeout as sleep } from 'node:timers/promises'
import { VivantError } from '@vivant/core'
import { progressLine } from './progress-line.ts'
import type { SettledProgress } from './run-result.ts'

export interface WaitOptions {
  /** Default: without end. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  /** Called now and then while something is left, and at the end. Without it a long wait draws a line on stderr, if that is a terminal. */
  readonly onProgress?: (progress: SettledProgress) => void
}

const shortestPauseMs = 2
const longestPauseMs = 50
/** A look comes so late at most, as a part of the time that it took. */
const lateness = 1 / 8
const progressEveryMs = 100

/**
 * Looks until nothing is left, often at first, then every 50 ms. `look` gives how many rows are left; `onTimeout` makes the error, or
 * throws it.
 */
export async function waitUntilNone(look: () => Promise<number>, options: WaitOptions, onTimeout: () => Promise<Error>): Promise<void> {
  const startedAt = performance.now()
  const deadline = startedAt + checkedTimeout(options.timeoutMs)
  const line = options.onProgress ? null : progressLine()
  const onProgress = options.onProgress ?? line?.draw
  try {
    await waitLoop(look, { ...options, ...(onProgress ? { onProgress } : {}) }, startedAt, deadline, onTimeout)
  } finally {
    line?.clear()
  }
}

async function waitLoop(
  look: () => Promise<number>,
  options: WaitOptions,
  startedAt: number,
  deadline: number,
  onTimeout: () => Promise<Error>,
): Promise<void> {
  let total = 0
  let reportedAt = -Infinity
  for (;;) {
    if (options.signal?.aborted) throw new VivantError('ABORTED', 'The wait was aborted by its signal; the work goes on.', { cause: options.signal.reason })
    const remaining = await look()
    total = Math.max(total, remaining)
    const now = performance.now()
    if (options.onProgress && total > 0 && (remaining === 0 || now - reportedAt >= progressEveryMs)) {
      reportedAt = now
      options.onProgress(progressOf(total, remaining, now - startedAt))
    }
    if (remaining === 0) return
    if (now >= deadline) throw await onTimeout()
    const pauseMs = Math.max(shortestPauseMs, Math.min((now - startedAt) * lateness, longestPauseMs))
    await sleep(Math.min(pauseMs, Math.max(deadline - now, 1)))
  }
}

export function progressOf(total: number, remaining: number, elapsedMs: number): SettledProgress {
  const done = total - remaining
  return { done, remaining, total, elapsedMs, etaMs: done > 0 ? (elapsedMs / done) * remaining : null }
}

function checkedTimeout(timeoutMs: number | undefined): number {
  if (timeoutMs === undefined) return Infinity
  if (typeof timeoutMs === 'number' && timeoutMs >= 0) return timeoutMs
  throw new VivantError('CONFIGURATION_INVALID', `timeoutMs is ${String(timeoutMs)}; a number of milliseconds from 0 on is needed.`)
}
