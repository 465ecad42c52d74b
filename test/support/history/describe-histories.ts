import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, type Guards, guards } from '@vivant/storage'
import { describeEngines } from '../../engines.ts'
import { openSystem } from '../test-table.ts'
import { startHistoryWorker } from './history-worker.ts'
import { programFunctions } from './program.ts'
import { suiteSeed } from './random.ts'
import { runHistory } from './run-history.ts'

export interface HistoriesOptions {
  readonly histories: number
  readonly steps: number
  /** No further history is begun after this long. */
  readonly budgetMs: number
}

/**
 * Random histories on each engine. VIVANT_SEED replays one: it is the seed of the first history, VIVANT_HISTORIES how many are run.
 * VIVANT_WITHOUT names a guard that is off, to see whether histories find what it guards against.
 */
export function describeHistories({ histories, steps, budgetMs }: HistoriesOptions): void {
  describeEngines('histories', (engine) => {
    let database: Database
    let url: string | undefined
    beforeAll(async () => {
      const place = await engine.database()
      url = place.url
      database = await openSystem(place.target, 20)
    })
    afterAll(() => database[Symbol.asyncDispose]())

    test(`after any history of ${steps} steps every cell is as the reference says`, { timeout: 20 * budgetMs }, async () => {
      const seed = suiteSeed()
      const count = Number(process.env['VIVANT_HISTORIES'] ?? histories)
      const functions = programFunctions()
      const without = process.env['VIVANT_WITHOUT']
      if (without !== undefined) guards[without as keyof Guards] = false
      const began = performance.now()
      const totals: Record<string, number> = {}
      let done = 0
      for (; done < count && performance.now() - began < budgetMs; done++) {
        const result = await runHistory({ database, url, seed: seed + done, steps, startWorker: (pools) => startHistoryWorker(database, functions, pools) })
        expect(result.problems.slice(0, 8), `replay with VIVANT_SEED=${seed + done} VIVANT_HISTORIES=1`).toEqual([])
        for (const [kind, times] of Object.entries(result.steps)) totals[kind] = (totals[kind] ?? 0) + times
      }
      console.log(
        `histories (${engine.name}): ${done} of ${steps} steps in ${Math.round(performance.now() - began)} ms from seed ${seed}: ${JSON.stringify(totals)}`,
      )
      expect(done).toBeGreaterThan(0)
    })
  })
}
