import { addColumns, type Database, finishPublication } from '@vivant/storage'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeEngines } from '../../engines.ts'
import { TraceWorld } from '../../support/describe-trace.ts'
import { pollUntil } from '../../support/poll-until.ts'
import { computed, createIntTable, openSystem } from '../../support/test-table.ts'
import { f, h } from './program.ts'

describeEngines('rule 12, two declarations at a time', (engine) => {
  describe.skipIf(engine.name === 'embedded')('with two sessions', () => {
    let database: Database
    let url: string
    beforeAll(async () => {
      const place = await engine.database()
      url = place.url!
      database = await openSystem(url)
    })
    afterAll(() => database[Symbol.asyncDispose]())

    test('what a waiting replacement will read stays captured while another column is declared', async () => {
      await using world = new TraceWorld(database, await createIntTable(database, 'overlapping'), url)
      const { table } = world
      world.use(f, h)
      await table.add(computed('a', (r) => f(r['x']!)))
      await world.sql('insert into $t (x, y) values (0, 0)')
      await world.finishAll()
      const holder = await world.session()
      await holder.run('begin')
      await holder.run(`insert into ${table.name} (x, y) values (0, 0)`)
      const first = await table.beginReplacing(computed('a', (r) => h(r['y']!)))
      const firstPublished = finishPublication(database, first, 10_000)
      await pollUntil('the replacement waits for the insert', async () => {
        const { rows } = await database.query<{ count: number }>(`select cardinality(holders) as count from vivant.operation where id = ${first}`)
        return rows[0]!.count === 1
      })
      const second = await addColumns(database, table.id, [computed('q', (r) => f(r['x']!))], 10_000)
      const writer = await world.session()
      await writer.run('begin')
      await writer.run(`update ${table.name} set y = 1 where _id = 1`)
      await holder.run('commit')
      await firstPublished
      await world.finishAll()
      await writer.run('commit')
      await finishPublication(database, second, 10_000)
      await world.finishAll()
      expect(await world.cell('a')).toMatchObject({ value: 1, status: 'ok' })
    })
  })
})
