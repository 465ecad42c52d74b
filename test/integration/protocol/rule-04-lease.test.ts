import { freeExpiredLeases } from '@vivant/queue'
import { describeTrace } from '../../support/describe-trace.ts'
import { reference, startProgram } from './program.ts'

describeTrace({
  rule: '4',
  guard: 'leaseCheck',
  title: 'a worker that comes back after its lease was given to another changes nothing',
  async steps(world) {
    await startProgram(world)
    await world.sql('update $t set x = 2')
    const paused = await world.worker().prepare()
    await world.database.query(`update vivant.task set leased_until = now() - interval '1 second'`)
    await freeExpiredLeases(world.database)
    // what was in dying hands comes with the retries
    const other = await world.worker().prepare('retry')
    const before = await world.cell('a')
    await paused.commit()
    const after = await world.cell('a')
    if (after?.token !== before?.token) world.violated('I3: a late commit under a lost lease wrote a cell')
    const { rowCount } = await world.database.query('select from vivant.task')
    if (rowCount !== 1) world.violated('I3: a late commit ended a task that another worker holds')
    if (!(await other.commit()).accepted) world.violated('I3: a late commit took the lease of another worker')
  },
  reference,
})
