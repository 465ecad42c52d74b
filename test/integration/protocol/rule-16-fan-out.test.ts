import { iterator, t, table, tableDefinition, udf, view } from '@vivant/core'
import type { Database } from '@vivant/storage'
import { afterAll, beforeAll } from 'vitest'
import { declareColumns } from '../../../packages/vivant/src/declare/declare-columns.ts'
import { createDeclaredTable } from '../../../packages/vivant/src/declare/create-table.ts'
import { describeEngines } from '../../engines.ts'
import { ClaimWorker } from '../../support/claim-worker.ts'
import { openPipeline, type Pipeline } from '../../support/open-pipeline.ts'
import { pollUntil } from '../../support/poll-until.ts'
import { testGuard } from '../../support/test-guard.ts'
import { UserSession } from '../../support/user-session.ts'

const list = iterator({ name: 'list', input: [t.int()], output: { text: t.text() }, version: '1' }, (y) => ['u', 'v'].slice(0, y).map((text) => ({ text })))
const double = udf({ name: 'double', input: [t.int()], output: t.int(), version: '1', pool: 'slow' }, (x) => x * 2)
const add = udf({ name: 'add', input: [t.int(), t.int()], output: t.int(), version: '1' }, (left, right) => left + right)

describeEngines('rule 16', (engine) => {
  let pipeline: Pipeline
  let url: string
  beforeAll(async () => {
    if (engine.name === 'embedded') return
    const place = await engine.database()
    url = place.url!
    pipeline = await openPipeline(place.target, [], { worker: false })
  })
  afterAll(async () => {
    if (engine.name === 'server') await pipeline[Symbol.asyncDispose]()
  })

  const run = async (): Promise<string | null> => {
    const { runtime } = pipeline
    const { database } = runtime
    const parents = table('parents', { x: t.int(), y: t.int() }).computed('a', (row) => double(row.x))
    const rows = view('rows', { of: parents, iterate: (row) => list(row.y) }).computed('c', (row) => add(row.parent.a, row.pos))
    for (const definition of [tableDefinition(parents), tableDefinition(rows)]) {
      await createDeclaredTable(runtime, definition)
      await declareColumns(
        runtime,
        definition,
        definition.computed.map((column) => ({ kind: 'computed', column })),
      )
    }
    const worker = (...pools: readonly string[]): ClaimWorker => new ClaimWorker(database, runtime.functionSource(), pools)
    const all = worker('default', 'slow', 'default/views')
    try {
      await database.query('insert into parents (x, y) values (1, 1)')
      await all.settleAll()
      await database.query('update parents set x = 5')
      // the commit of the parent's cell has its snapshot, and waits
      const late = worker('slow')
      const claim = (await late.claim())!
      await using user = await UserSession.open(url)
      await user.run('begin')
      await user.run('select from vivant.task where id = $1 for update', [claim.tasks[0]!.id])
      const commit = late.settle(claim)
      await pollUntil('the commit waits', () => isWaiting(database))
      // meanwhile the parent gets a second row, whose cell is made from the parent's cell as it was
      await database.query('update parents set y = 2')
      await worker('default/views').settleAll()
      await worker('default').settleAll()
      await user.run('rollback')
      await commit
      await all.settleAll()
      const found = await database.query<{ c: number }>('select c from live.rows order by pos')
      const cells = found.rows.map(({ c }) => c).join(' ')
      return cells === '10 11' ? null : `I3: at rest the cells of the rows are ${cells}, the reference 10 11`
    } finally {
      await runtime.database.query(
        'delete from vivant.task; delete from vivant."table"; drop table parents cascade; drop table rows cascade; drop schema live cascade; create schema live',
      )
      runtime.forgetModels()
    }
  }

  testGuard(
    {
      rule: '16',
      guard: 'fanOutApart',
      title: 'a row that is made while its parent’s cell is being committed has the cell that was committed',
      serverOnly: true,
    },
    engine.name,
    run,
  )
})

async function isWaiting(database: Database): Promise<boolean> {
  const { rowCount } = await database.query(`select from pg_stat_activity where wait_event_type = 'Lock' and query like 'with held%'`)
  return rowCount > 0
}
