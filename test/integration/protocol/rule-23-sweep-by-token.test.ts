import { describeTrace } from '../../support/describe-trace.ts'
import { pollUntil } from '../../support/poll-until.ts'
import { reference, startProgram } from './program.ts'

describeTrace({
  rule: '23',
  guard: 'sweepByToken',
  title: 'a sweep that began before the id came back leaves its new cells alone',
  serverOnly: true,
  async steps(world) {
    await startProgram(world)
    await world.sql('delete from $t where _id = 1')
    const sweeper = world.worker()
    const claim = await sweeper.claim('sweep')
    // the sweep has its snapshot, in which there is no row, and waits for the lock of its task
    const holder = await world.session()
    await holder.run('begin')
    await holder.run(`select from vivant.task where kind = 'sweep' for update`)
    const sweep = sweeper.settle(claim)
    await pollUntil('the sweep waits for its task', async () => {
      const { rowCount } = await world.database.query(`select from pg_stat_activity where wait_event_type = 'Lock' and query like 'with held%'`)
      return rowCount > 0
    })
    await world.sql('insert into $t (_id, x, y) overriding system value values (1, 2, 1)')
    await world.worker().claimAndCommit()
    await holder.run('commit')
    await sweep
  },
  reference,
})
