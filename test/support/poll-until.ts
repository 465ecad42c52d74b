import { setTimeout as sleep } from 'node:timers/promises'

/** Looks again until there is something (anything but false, null, undefined); fails at the deadline and says what was waited for. */
export async function pollUntil<T>(what: string, look: () => Promise<T>, { deadlineMs = 20_000, everyMs = 5 } = {}): Promise<NonNullable<T>> {
  const deadline = performance.now() + deadlineMs
  for (;;) {
    const found = await look()
    if (found !== false && found !== null && found !== undefined) return found
    if (performance.now() > deadline) throw new Error(`Waited ${deadlineMs} ms for this: ${what}`)
    await sleep(everyMs)
  }
}
