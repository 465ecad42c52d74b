import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '@vivant/storage'
import { describe, expect, test } from 'vitest'
import { describeEngines } from '../engines.ts'
import { pollUntil } from '../support/poll-until.ts'
import type { GroupProcessConfig } from '../support/processes/group-process.ts'
import { TestProcess } from '../support/processes/start-process.ts'

const [rows, callMs] = [2000, 5]
/** A piece is committed after about a second: so many calls a crash may lose. */
const lostCalls = 1500 / callMs

describeEngines('a worker killed in the middle of a long group', (engine) => {
  describe.skipIf(engine.name === 'embedded')('in a process of its own', () => {
    test('has the next one go on where its last piece ended: no row is called twice but those of the piece', { timeout: 300_000 }, async () => {
      const place = await engine.database()
      const folder = await mkdtemp(join(tmpdir(), 'vivant-groups-'))
      const calls = join(folder, 'calls')
      await using database = await openDatabase(place.url!, { connections: 2, applicationName: 'vivant test' })
      const start = (): TestProcess => TestProcess.start('group-process.ts', { url: place.url!, rows, callMs, calls } satisfies GroupProcessConfig)
      const first = start()
      await first.line(/^ready/u)
      const done = async (): Promise<number> => (await database.query<{ n: number }>('select count(total)::int as n from live.readings')).rows[0]!.n
      const before = await pollUntil('a part of the group is there', async () => (await done().then((n) => n > 300 && n)) || null, { deadlineMs: 60_000 })
      await first.kill()
      expect(before).toBeLessThan(rows)
      const { rows: kept } = await database.query<{ id: number }>('select _id as id from live.readings where total is not null')
      await using second = start()
      await second.line(/^settled/u)
      const called = (await readFile(calls, 'utf8')).trimEnd().split('\n').map(Number)
      const times = new Map<number, number>()
      for (const id of called) times.set(id, (times.get(id) ?? 0) + 1)
      // what was committed was called once
      expect(kept.filter(({ id }) => times.get(id) !== 1)).toEqual([])
      expect(times.size).toBe(rows)
      expect(called.length).toBeLessThanOrEqual(rows + lostCalls)
      const { rows: sums } = await database.query('select bool_and(total = at + 1) as right, count(*)::int as n from live.readings')
      expect(sums).toEqual([{ right: true, n: rows }])
      console.log(`${kept.length} rows when it was killed, ${called.length - rows} calls made again`)
      await rm(folder, { recursive: true })
    })
  })
})
