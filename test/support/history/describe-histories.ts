import { expect, test } from 'vitest'
import { type Database, type Guards, guards } from '@vivant/storage'
import { describeEngines } from '../../engines.ts'
import { openSystem } from '../test-table.ts'
import { openCellWatch } from './cell-watch.ts'
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

/** A database in which one history is played after the other. */
interface Stage {
  readonly database: Database
  readonly url: string | undefined
}

/** A history on the server waits most of the time, so several are played at once. */
const serverStages = 4
/** Every history leaves prepared statements behind, and each DDL looks through them all: a stage is torn down after this many. */
const historiesPerStage = 25

/**
 * Random histories on each engine. VIVANT_SEED replays one: it is the seed of the first history, VIVANT_HISTORIES how many are run.
 * VIVANT_WITHOUT names a guard that is off, to see whether histories find what it guards against.
 */
export function describeHistories({ histories, steps, budgetMs }: HistoriesOptions): void {
  describeEngines('histories', (engine) => {
    const openStage = async (): Promise<Stage> => {
      const { target, url } = await engine.database()
      const database = await openSystem(target, 12)
      await openCellWatch(database)
      return { database, url }
    }

    test(`after any history of ${steps} steps every cell is as the reference says`, { timeout: 20 * budgetMs }, async () => {
      const seed = suiteSeed()
      const count = Number(process.env['VIVANT_HISTORIES'] ?? histories)
      const functions = programFunctions()
      const without = process.env['VIVANT_WITHOUT']
      if (without !== undefined) guards[without as keyof Guards] = false
      const began = performance.now()
      const totals: Record<string, number> = {}
      const problems = new Map<number, readonly string[]>()
      let [begun, done] = [0, 0]
      const goesOn = (): boolean => begun < count && problems.size === 0 && performance.now() - began < budgetMs
      const play = async ({ database, url }: Stage): Promise<void> => {
        const own = seed + begun++
        const result = await runHistory({ database, url, seed: own, steps, startWorker: (pools) => startHistoryWorker(database, functions, pools) })
        if (result.problems.length) problems.set(own, result.problems.slice(0, 8))
        for (const [kind, times] of Object.entries(result.steps)) totals[kind] = (totals[kind] ?? 0) + times
        done++
      }
      const playOnStages = async (): Promise<void> => {
        while (goesOn()) {
          const stage = await openStage()
          await using _database = stage.database
          for (let at = 0; at < historiesPerStage && goesOn(); at++) await play(stage)
        }
      }
      await Promise.all(Array.from({ length: engine.name === 'server' ? serverStages : 1 }, playOnStages))
      console.log(
        `histories (${engine.name}): ${done} of ${steps} steps in ${Math.round(performance.now() - began)} ms from seed ${seed}: ${JSON.stringify(totals)}`,
      )
      for (const [own, found] of problems) expect(found, `replay with VIVANT_SEED=${own} VIVANT_HISTORIES=1`).toEqual([])
      expect(done).toBeGreaterThan(0)
    })
  })
}
