import { openDatabase } from '@vivant/storage'
import { describe, expect, test } from 'vitest'
import { describeEngines } from '../engines.ts'
import { pollUntil } from '../support/poll-until.ts'
import { TestProcess } from '../support/processes/start-process.ts'
import type { ViewProcessConfig } from '../support/processes/view-process.ts'

const rows = 300_000

describeEngines('a killed worker', (engine) => {
  describe.skipIf(engine.name === 'embedded')('in a process of its own', () => {
    test('leaves a long list that the next one makes, each row once, in little memory', { timeout: 300_000 }, async () => {
      const place = await engine.database()
      await using database = await openDatabase(place.url!, { connections: 2, applicationName: 'vivant test' })
      const start = (): TestProcess => TestProcess.start('view-process.ts', { url: place.url!, rows } satisfies ViewProcessConfig)
      const shown = async (): Promise<number> => (await database.query<{ n: number }>('select count(*)::int as n from live.numbers')).rows[0]!.n
      const first = start()
      await first.line(/^ready/u)
      const before = await pollUntil('a part of the list is there', async () => (await shown().then((n) => n > 20_000 && n)) || null, { deadlineMs: 60_000 })
      await first.kill()
      expect(before).toBeLessThan(rows)
      const { rows: kept } = await database.query<{ id: number }>('select _id as id from numbers where pos in (0, 9999) order by pos')
      await using second = start()
      const [, peak] = (await second.line(/^settled/u)).split(' ')
      expect(await shown()).toBe(rows)
      const { rows: counted } = await database.query('select count(*)::int as n, count(distinct pos)::int as places, max(pos)::int as last from numbers')
      expect(counted).toEqual([{ n: rows, places: rows, last: rows - 1 }])
      // what the first had made stands
      expect((await database.query<{ id: number }>('select _id as id from numbers where pos in (0, 9999) order by pos')).rows).toEqual(kept)
      console.log(`${before} rows when it was killed, peak of the second ${Math.round(Number(peak) / 1024 ** 2)} MiB`)
      expect(Number(peak)).toBeLessThan(512 * 1024 ** 2)
    })
  })
})
