import { addColumns, finishPublication, guards } from '@vivant/storage'
import { describeTrace } from '../../support/describe-trace.ts'
import { pollUntil } from '../../support/poll-until.ts'
import { computed } from '../../support/test-table.ts'
import { f, h } from './program.ts'

describeTrace({
  rule: '12',
  guard: 'waitForWriters',
  title: 'a column is published only when nobody can still change its inputs unseen',
  serverOnly: true,
  async steps(world) {
    world.use(f, h)
    await world.table.add(computed('a', (r) => f(r['x']!)))
    await world.sql('insert into $t (x, y) values (0, 0)')
    await world.finishAll()
    const writer = await world.session()
    await writer.run('begin')
    // nothing reads y, so this is not captured
    await writer.run(`update ${world.table.name} set y = 1`)
    const operation = await addColumns(world.database, world.table.id, [computed('b', (r) => h(r['y']!))], 10_000)
    const published = finishPublication(world.database, operation, 10_000)
    await pollUntil('the publication has come as far as it can', async () => {
      const { rows } = await world.database.query<{ ended_at: Date | null; holders: string[] | null }>(
        `select ended_at, holders from vivant.operation where id = ${operation}`,
      )
      return rows[0]!.ended_at !== null || (guards.waitForWriters && rows[0]!.holders?.length === 1)
    })
    await world.finishAll()
    await writer.run('commit')
    await published
  },
  reference: ({ x, y }) => ({ a: [0, 0, 1][x]!, b: y }),
})
