import { setTimeout as sleep } from 'node:timers/promises'
import { describeRollUpTrace } from '../../support/describe-roll-up-trace.ts'

describeRollUpTrace({
  rule: '20',
  guard: 'foldDeleted',
  title: 'two workers that fold the log of one group at once count no entry twice',
  serverOnly: true,
  async steps(world) {
    await world.sql('insert into $p (x) values (2)')
    await world.finishAll()
    for (const mark of [1, 2, 3]) await world.sql(`update $v set mark = ${mark} where pos = 1`)
    await world.finishAll()
    const second = await world.database.transaction(async (tx) => {
      await world.fold(tx)
      const fold = { done: world.fold() }
      // it has its snapshot, and waits for the entries that are deleted here, or passes them over
      await sleep(100)
      return fold
    })
    await second.done
  },
})
