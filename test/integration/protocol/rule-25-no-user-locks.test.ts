import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '@vivant/storage'
import { describeEngines } from '../../engines.ts'
import { rewriteStatements } from '../../support/intercept.ts'
import { pollUntil } from '../../support/poll-until.ts'
import { TraceWorld } from '../../support/describe-trace.ts'
import { createIntTable, openSystem } from '../../support/test-table.ts'
import { recordMutation } from '../../support/record-mutation.ts'
import { startProgram } from './program.ts'

describeEngines('rule 25', (engine) => {
  describe.skipIf(engine.name === 'embedded')('with two sessions', () => {
    let database: Database
    let url: string
    let tables = 0
    beforeAll(async () => {
      const place = await engine.database()
      url = place.url!
      database = await openSystem(place.target)
    })
    afterAll(() => database[Symbol.asyncDispose]())

    const newWorld = async (): Promise<TraceWorld> => new TraceWorld(database, await createIntTable(database, `locks_${++tables}`), url)

    const locks: Readonly<Record<string, string>> = {
      'an update': 'update $t set x = 1 where _id = 1',
      'an update of the id': 'update $t set _id = default where _id = 1',
      'a delete': 'delete from $t where _id = 1',
      'a select for update': 'select from $t for update',
      'a lock of the table against writers': 'lock table $t in share row exclusive mode',
    }
    for (const [name, statement] of Object.entries(locks))
      test(`a worker settles rows while ${name} is open`, async () => {
        await using world = await newWorld()
        await startProgram(world)
        await world.sql('update $t set x = 2, y = 1')
        const user = await world.session()
        await user.run('begin')
        await user.run(statement.replaceAll('$t', world.table.name))
        const outcome = await world.worker().claimAndCommit()
        expect(outcome.accepted).toBe(true)
        expect(await world.cell('b')).toMatchObject({ value: 3, status: 'ok' })
        await user.run('rollback')
      })

    test('a worker between load and commit holds up no statement of a user', async () => {
      await using world = await newWorld()
      await startProgram(world)
      await world.sql('update $t set x = 2, y = 1')
      const chunk = await world.worker().prepare()
      const user = await world.session()
      await user.run(`set lock_timeout = '1s'`)
      for (const statement of ['update $t set x = 1', 'delete from $t where _id = 1', 'truncate $t', 'alter table $t add column extra int'])
        await user.run(statement.replaceAll('$t', world.table.name))
      await chunk.commit()
    })

    test('a load that locks rows is seen to wait for a user', async () => {
      await using world = await newWorld()
      await startProgram(world)
      await world.sql('update $t set x = 2')
      const user = await world.session()
      await user.run('begin')
      await user.run(`delete from ${world.table.name}`)
      const locking = rewriteStatements(database, (text) => (text.startsWith('select k._id') ? `${text} for key share of t` : text))
      const load = world.worker('default', locking).prepare()
      await pollUntil('the load waits', async () => {
        const { rowCount } = await database.query(`select from pg_stat_activity where wait_event_type = 'Lock' and query like 'select k._id%'`)
        return rowCount > 0
      })
      await user.run('rollback')
      await (await load).commit()
      await recordMutation({
        rule: '25',
        guard: '(the load takes no lock)',
        trace: 'a worker settles rows while a delete is open',
        violation: 'I4: with `for key share` the worker waits for the user, and the user for the worker',
        engine: 'server',
      })
    })
  })
})
