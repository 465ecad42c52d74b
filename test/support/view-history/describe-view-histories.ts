import { type Guards, guards } from '@vivant/storage'
import { expect, test } from 'vitest'
import { describeEngines } from '../../engines.ts'
import { startHistoryWorker } from '../history/history-worker.ts'
import { suiteSeed } from '../history/random.ts'
import { openPipeline } from '../open-pipeline.ts'
import { ViewProgram } from './program.ts'
import { runViewHistory } from './run-view-history.ts'

export interface ViewHistoriesOptions {
  readonly histories: number
  readonly steps: number
  /** No further history is begun after this long. */
  readonly budgetMs: number
}

/** A history on the server waits most of the time, so several are played at once, each in a database of its own. */
const serverStages = 3
/** Every history leaves prepared statements behind, and each DDL looks through them all: a stage is torn down after this many. */
const historiesPerStage = 15

/** Random histories of views on each engine. VIVANT_SEED, VIVANT_HISTORIES and VIVANT_WITHOUT as for the histories of a table. */
export function describeViewHistories({ histories, steps, budgetMs }: ViewHistoriesOptions): void {
  describeEngines('histories of views', (engine) => {
    test(`after any history of ${steps} steps every row of every view is as the reference says`, { timeout: 20 * budgetMs }, async () => {
      const seed = suiteSeed()
      const count = Number(process.env['VIVANT_HISTORIES'] ?? histories)
      const off = process.env['VIVANT_WITHOUT']
      if (off !== undefined) guards[off as keyof Guards] = false
      const began = performance.now()
      const totals: Record<string, number> = {}
      const problems = new Map<number, readonly string[]>()
      let [begun, done] = [0, 0]
      const goesOn = (): boolean => begun < count && problems.size === 0 && performance.now() - began < budgetMs
      const playOnStages = async (): Promise<void> => {
        while (goesOn()) {
          const { target, url } = await engine.database()
          await using pipeline = await openPipeline(target, [], { worker: false })
          const { runtime } = pipeline
          const program = new ViewProgram(runtime)
          await program.create()
          const startWorker = (pools: readonly string[] | null) => startHistoryWorker(runtime.database, runtime.functionSource(), pools)
          for (let at = 0; at < historiesPerStage && goesOn(); at++) {
            const own = seed + begun++
            const result = await runViewHistory({ database: runtime.database, url, seed: own, steps, program, startWorker })
            if (result.problems.length) problems.set(own, result.problems.slice(0, 8))
            for (const [kind, times] of Object.entries(result.steps)) totals[kind] = (totals[kind] ?? 0) + times
            done++
          }
        }
      }
      await Promise.all(Array.from({ length: engine.name === 'server' ? serverStages : 1 }, playOnStages))
      console.log(
        `histories of views (${engine.name}): ${done} of ${steps} steps in ${Math.round(performance.now() - began)} ms from seed ${seed}: ${JSON.stringify(totals)}`,
      )
      for (const [own, found] of problems) expect(found, `replay with VIVANT_SEED=${own} VIVANT_HISTORIES=1`).toEqual([])
      expect(done).toBeGreaterThan(0)
    })
  })
}
