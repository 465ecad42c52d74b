import { enqueue } from '@vivant/queue'
import { guards } from '@vivant/storage'
import { describeViewTrace, Gate, many } from '../../support/describe-view-trace.ts'
import { pollUntil } from '../../support/poll-until.ts'

/** Rows that fill a piece before there are a thousand of them. */
const large = many('a', 9).map((text) => text.padEnd(1024 ** 2, '.'))
const lists = [[...large, ...many('a', 1500)], many('b', 1200)]

describeViewTrace({
  rule: '17',
  guard: 'oneRun',
  title: 'of two workers whose iterator gives each another list, one alone makes the rows',
  async steps(world) {
    const [begin, middle] = [
      [new Gate(), new Gate()],
      [new Gate(), new Gate()],
    ] as const
    let calls = 0
    world.lists(1, async function* () {
      const call = calls++
      await begin[call]?.pass()
      for (const [index, text] of (lists[call] ?? lists[0]!).entries()) {
        // behind the first piece of either
        if (index === (call === 0 ? 12 : 1100)) await middle[call]?.pass()
        yield text
      }
    })
    await world.sql('insert into $p (x) values (1)')
    const { rows } = await world.database.query<{ table_id: number; id: number }>(
      `select t.id as table_id, p._id as id from vivant."table" t, ${world.parent} p where t.name = '${world.parent}'`,
    )
    const first = world.work()
    await begin[0].reached
    // the same row once more, as a task that was delivered twice
    await enqueue(world.database, { tableId: rows[0]!.table_id, pool: 'default/views', kind: 'fresh', ids: [rows[0]!.id] })
    const second = world.work()
    await begin[1].reached
    begin[0].open()
    await middle[0].reached
    begin[1].open()
    if (guards.oneRun) await second
    else await pollUntil('the second has made its first piece', async () => (await world.children()).length === 1000)
    middle[0].open()
    await first
    middle[1].open()
    await second
  },
  reference: () => lists[0]!,
})
