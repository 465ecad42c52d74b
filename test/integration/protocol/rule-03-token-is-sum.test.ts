import { describeTrace } from '../../support/describe-trace.ts'
import { reference, startProgram } from './program.ts'

describeTrace({
  rule: '3',
  guard: 'tokenIsSum',
  title: 'a revision that was drawn early and commits late still makes its readers stale',
  serverOnly: true,
  atRestOnly: true,
  async steps(world) {
    await startProgram(world)
    await world.sql('update $t set x = 2')
    const late = await world.session()
    await world.sql('insert into $t (x, y) values (0, 0)') // another row draws in between
    await late.run('begin')
    await late.run(`update ${world.table.name} set y = 1 where _id = 1`)
    const first = await world.worker().prepare()
    await late.run('commit')
    await first.commit()
    await world.worker().claimAndCommit()
  },
  reference,
})
