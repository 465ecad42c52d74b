import { type Guards, guards } from '@vivant/storage'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Runtime } from '../../packages/vivant/src/runtime/runtime.ts'
import { describeEngines } from '../engines.ts'
import { openPipeline, type Pipeline } from './open-pipeline.ts'
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

/** The same over a world of a pipeline's own, made anew for each run. `run` drives it and gives what it has seen. */
export function describeGuard<W extends object>(
  trace: GuardedTrace,
  create: (runtime: Runtime, name: string, url: string | undefined) => Promise<W>,
  run: (world: W) => Promise<string | null>,
): void {
  describeEngines(`rule ${trace.rule}`, (engine) => {
    const skipped = trace.serverOnly === true && engine.name === 'embedded'
    let url: string | undefined
    let pipeline: Pipeline
    let worlds = 0
    beforeAll(async () => {
      if (skipped) return
      const place = await engine.database()
      url = place.url
      pipeline = await openPipeline(place.target, [], { worker: false })
    })
    afterAll(async () => {
      if (!skipped) await pipeline[Symbol.asyncDispose]()
    })

    testGuard(trace, engine.name, async () => {
      const { runtime } = pipeline
      const world = await create(runtime, `trace_${++worlds}`, url)
      try {
        return await run(world)
      } finally {
        if (isDisposable(world)) await world[Symbol.asyncDispose]()
        await runtime.database.query('delete from vivant.task')
        await runtime.database.query('delete from vivant."table"')
      }
    })
  })
}

function isDisposable(world: object): world is AsyncDisposable {
  return Symbol.asyncDispose in world
}
