import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPipeline, type Pipeline } from '../../support/open-pipeline.ts'
import { describeEngines } from '../../engines.ts'
import { describeViewTrace, Gate, many, ViewWorld } from '../../support/describe-view-trace.ts'
import { recordMutation } from '../../support/record-mutation.ts'

/** A list that waits behind its first piece. */
function waitingList(gate: Gate, list: readonly string[]): () => AsyncGenerator<string> {
  return async function* () {
    for (const [index, text] of list.entries()) {
      if (index === 1500) await gate.pass()
      yield text
    }
  }
}

describeViewTrace({
  rule: '15',
  guard: 'fencePieces',
  title: 'a worker that was overtaken behind its first piece writes no second',
  async steps(world) {
    const gate = new Gate()
    world.lists(1, waitingList(gate, many('a', 2500)))
    world.lists(2, () => ['b'])
    await world.sql('insert into $p (x) values (1)')
    const slow = world.work()
    await gate.reached
    await world.sql('update $p set x = 2')
    await world.work()
    gate.open()
    await slow
  },
  reference: (x) => (x === 1 ? many('a', 2500) : ['b']),
})

describeEngines('rule 15', (engine) => {
  let pipeline: Pipeline
  let url: string | undefined
  beforeAll(async () => {
    const place = await engine.database()
    url = place.url
    pipeline = await openPipeline(place.target, [], { worker: false })
  })
  afterAll(() => pipeline[Symbol.asyncDispose]())

  test('readers see the new rows as far as they have come, and never an old one behind them', async () => {
    await using world = await ViewWorld.create(pipeline.runtime, 'readers', url)
    const gate = new Gate()
    world.lists(0, () => many('o', 3000))
    world.lists(1, waitingList(gate, many('n', 2500)))
    await world.sql('insert into $p (x) values (0)')
    await world.finishAll()
    expect(await world.children()).toHaveLength(3000)
    await world.sql('update $p set x = 1')
    const work = world.work()
    await gate.reached
    expect((await world.children()).map(({ text }) => text)).toEqual(many('n', 1000))
    const stored = await world.children('stored')
    const letters = new Set(stored.map(({ text }) => text[0]))
    expect(letters).toEqual(new Set(['n', 'o']))
    await recordMutation({
      rule: '15',
      guard: '(readers see what is below done)',
      trace: 'readers see the new rows as far as they have come, and never an old one behind them',
      violation: 'R: the table itself has rows of two generations between two pieces',
      engine: engine.name,
    })
    gate.open()
    await work
    expect((await world.children('stored')).map(({ text }) => text)).toEqual(many('n', 2500))
  })
})
