import { t, table, tableDefinition, udf } from '@vivant/core'
import { expect, test } from 'vitest'
import { doctor } from '../../../packages/vivant/src/observe/doctor.ts'
import { backfillOf } from '../../../packages/vivant/src/observe/backfill-handle.ts'
import { recompute } from '../../../packages/vivant/src/observe/recompute.ts'
import { status } from '../../../packages/vivant/src/observe/status.ts'
import { settled } from '../../../packages/vivant/src/observe/settled.ts'
import { insertRows } from '../../../packages/vivant/src/write/insert-rows.ts'
import { describeEngines } from '../../engines.ts'
import { openPipeline, type Pipeline } from '../../support/open-pipeline.ts'

const inc = udf({ name: 'inc', input: [t.int()], output: t.int(), version: '1' }, (n) => n + 1)
const fact = table('fact', { n: t.int() })
  .computed('a', (row) => inc(row.n))
  .computed('b', (row) => inc(row.a))
const facts = tableDefinition(fact)

async function healthy({ runtime }: Pipeline): Promise<void> {
  expect(await doctor(runtime)).toEqual({ healthy: true, findings: [], repaired: 0 })
}

/** The kinds that are found; then all of it is mended, and nothing is left. */
async function mended(pipeline: Pipeline): Promise<readonly string[]> {
  const { runtime } = pipeline
  const found = await doctor(runtime)
  expect(found.healthy).toBe(false)
  const repaired = await doctor(runtime, { repair: true })
  expect(repaired).toMatchObject({ healthy: true, repaired: repaired.findings.length })
  await settled(runtime)
  await healthy(pipeline)
  return found.findings.map((finding) => (finding.column ? `${finding.kind} ${finding.column} ${finding.count}` : finding.kind))
}

describeEngines('doctor', (engine) => {
  test('finds what is lost and mends it, so that every cell is right again', async () => {
    await using database = await engine.database()
    await using pipeline = await openPipeline(database.target, [fact] as never)
    const { runtime } = pipeline
    const sql = (text: string) => runtime.database.query(text)
    const { rows: tables } = await sql(`select name, cell_table from vivant."column" where cell_table is not null`)
    const cells = Object.fromEntries(tables.map((row) => [row['name'] as string, `vivant_data.${row['cell_table'] as string}`]))
    const right = async () => (await sql('select count(*)::int as n from live.fact where a = n + 1 and b = n + 2')).rows[0]!['n']
    await insertRows(
      runtime,
      facts,
      Array.from({ length: 10 }, (_, n) => ({ n })),
    )
    await settled(runtime)
    await healthy(pipeline)

    // cells that vanished: the one at the front is lost, what reads it follows
    await sql(`delete from ${cells['a']!} where _id in (1, 2)`)
    await sql(`delete from ${cells['b']!} where _id = 9`)
    expect(await mended(pipeline)).toEqual(['uncovered a 2', 'uncovered b 1'])
    expect(await right()).toBe(10)

    // a restored backup: cells from a future that is gone
    await sql(`update ${cells['a']!} set version = 7 where _id = 3`)
    await sql(`update ${cells['b']!} set token = token + 1000000 where _id = 4`)
    expect(await mended(pipeline)).toEqual(['ahead a 1', 'uncovered a 1', 'ahead b 1', 'uncovered b 1'])
    expect(await right()).toBe(10)

    // capture that was switched off: the rows written meanwhile are unknown to everybody
    await sql('alter table fact disable trigger vivant_capture_insert; drop trigger vivant_capture_delete on fact')
    await sql('insert into fact (n) values (100), (101); delete from fact where _id = 5')
    expect(await mended(pipeline)).toEqual(['trigger', 'trigger', 'orphan a 1', 'uncovered a 2', 'orphan b 1'])
    expect(await right()).toBe(11)
    await sql('insert into fact (n) values (102); delete from fact where n = 101')
    runtime.wake()
    await settled(runtime)
    expect(await right()).toBe(11)

    // ids that came from elsewhere
    await sql('insert into fact (_id, n) overriding system value values (500, 1)')
    runtime.wake()
    await settled(runtime)
    expect(await mended(pipeline)).toEqual(['sequence'])
    expect((await insertRows(runtime, facts, [{ n: 1 }], { wait: true })).ids).toEqual([501])

    await sql('drop view live.fact cascade')
    expect(await mended(pipeline)).toEqual(['live view'])
    expect(await right()).toBe(13)

    await sql('insert into vivant.task (table_id, pool, kind, ids) values (999, $$default$$, $$fresh$$, $${1}$$)')
    await runtime.worker!.stop()
    const lost = await doctor(runtime, { repair: true })
    expect(lost.findings.map((finding) => finding.kind)).toEqual(['lost task'])
    await healthy(pipeline)
  })

  test('a table that was dropped by SQL is told, and does not stand in the way of the others', async () => {
    await using database = await engine.database()
    const other = table('other', { n: t.int() }).computed('a', (row) => inc(row.n))
    await using pipeline = await openPipeline(database.target, [fact, other] as never)
    const { runtime } = pipeline
    await runtime.database.query('drop table fact cascade')
    expect((await insertRows(runtime, tableDefinition(other), [{ n: 1 }], { wait: true })).run).toMatchObject({ ran: 1 })
    expect(await settled(runtime)).toMatchObject({ failed: 0 })
    expect((await status(runtime)).tables.map((entry) => entry.name)).toEqual(['other'])
    // a worker may have forgotten it by then
    const { findings } = await doctor(runtime, { repair: true })
    expect(findings.filter((finding) => finding.table !== 'fact')).toEqual([])
    await expect(insertRows(runtime, facts, [{ n: 1 }])).rejects.toMatchObject({ code: 'TABLE_NOT_FOUND' })
  })

  test('what somebody cancelled on purpose is told, and is no fault', async () => {
    await using database = await engine.database()
    await using pipeline = await openPipeline(database.target, [fact] as never)
    const { runtime } = pipeline
    await insertRows(
      runtime,
      facts,
      Array.from({ length: 5 }, (_, n) => ({ n })),
      { wait: true },
    )
    await runtime.worker!.stop()
    await recompute(runtime, 'fact', 'b', { wait: false })
    await backfillOf(runtime, 'fact', 'b').cancel()
    expect(await doctor(runtime, { repair: true })).toMatchObject({ healthy: true, repaired: 0, findings: [{ kind: 'cancelled', column: 'b', count: 5 }] })
  })

  test.skipIf(engine.name === 'embedded')('workers that died are told and cleared away; a renamed column is followed', async () => {
    await using database = await engine.database()
    await using pipeline = await openPipeline(database.target, [fact] as never, { worker: false })
    const { runtime } = pipeline
    await insertRows(runtime, facts, [{ n: 1 }])
    await runtime.database.query(
      `insert into vivant.worker (id, host, pid, pools, seen_at) values (gen_random_uuid(), 'gone', 1, '{default}', now() - interval '1 hour')`,
    )
    await runtime.database.query(`update vivant.task set owner = (select id from vivant.worker), leased_until = now() - interval '1 hour'`)
    await runtime.database.query('alter table fact rename column n to number')
    const { findings } = await doctor(runtime, { repair: true })
    expect(findings.map((finding) => finding.kind)).toEqual(['drift', 'worker', 'worker'])
    await healthy(pipeline)
    await pipeline.startWorker()
    expect(await settled(runtime)).toMatchObject({ ran: 2 })
  })
})
