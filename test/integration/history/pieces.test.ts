import { expect, test } from 'vitest'
import { describeEngines } from '../../engines.ts'
import { GroupWorld } from '../../support/describe-group-trace.ts'
import { openPipeline } from '../../support/open-pipeline.ts'

describeEngines('a log that is longer than a piece loads', (engine) => {
  test('is folded piece by piece, and every piece brings the group on', async () => {
    await using place = await engine.database()
    await using pipeline = await openPipeline(place.target, [], { worker: false })
    await using world = await GroupWorld.create(pipeline.runtime, 'long_log', place.url)
    await world.sql('insert into $t (g, at, x) select 0, n, n from generate_series(1, 6) n')
    await world.finishAll()
    // two touched places for each
    for (let round = 0; round < 12; round++) await world.sql(`update $t set at = at + ${round % 2 ? -3 : 3} where x in (2, 5)`)
    let pieces = 0
    for (; pieces < 100; pieces++) {
      const claim = await world.worker().tryPrepare(0, 1)
      if (!claim) break
      expect(await claim.commit()).toMatch(/written|followed/u)
    }
    expect(pieces).toBeGreaterThan(3)
    expect(pieces).toBeLessThan(40)
    expect(await world.violation()).toBe(null)
  })
})
