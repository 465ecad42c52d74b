import { type Guards, guards } from '@vivant/storage'
import { expect, test } from 'vitest'
import { recordMutation } from './record-mutation.ts'

/** A trace of the protocol, and the guard without which it goes wrong. */
export interface GuardedTrace {
  readonly rule: string
  readonly guard: keyof Guards
  readonly title: string
  /** Needs transactions that are open at the same time. */
  readonly serverOnly?: boolean
}

/** Two tests: with the guard the trace must hold, without it a violation must be seen. `run` gives what it has seen. */
export function testGuard({ rule, guard, title, serverOnly = false }: GuardedTrace, engine: string, run: () => Promise<string | null>): void {
  const skipped = serverOnly && engine === 'embedded'

  test.skipIf(skipped)(title, async () => {
    expect(await run()).toBe(null)
  })

  test.skipIf(skipped)(`without ${guard} this is seen to go wrong`, async () => {
    guards[guard] = false
    const violation = await run().finally(() => (guards[guard] = true))
    expect(violation).not.toBe(null)
    await recordMutation({ rule, guard, trace: title, violation: violation!, engine })
  })
}
