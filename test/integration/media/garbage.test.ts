import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { t, table, tableDefinition, udf } from '@vivant/core'
import { createFolderStore, reference } from '@vivant/media'
import { databaseName, openDatabase, scanMentions } from '@vivant/storage'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { collect, collectGarbage, type GarbageReport } from '../../../packages/vivant/src/media/collect-garbage.ts'
import { settled } from '../../../packages/vivant/src/observe/settled.ts'
import type { Runtime } from '../../../packages/vivant/src/runtime/runtime.ts'
import { insertRows } from '../../../packages/vivant/src/write/insert-rows.ts'
import { runTransaction } from '../../../packages/vivant/src/write/run-transaction.ts'
import { describeEngines, type Engine } from '../../engines.ts'
import { openPipeline } from '../../support/open-pipeline.ts'
import { pollUntil } from '../../support/poll-until.ts'

const twice = udf({ name: 'twice', input: [t.file()], output: t.file(), version: '1' }, async (file) => {
  const bytes = await file.bytes()
  return new Uint8Array([...bytes, ...bytes])
})
const file = table('file', { name: t.text(), file: t.file(), more: t.array(t.file()).nullable(), note: t.text().nullable() }).computed('twice', (row) =>
  twice(row.file),
)
const files = tableDefinition(file)

describeEngines('garbage collection', (engine) => {
  let place: Awaited<ReturnType<typeof open>>
  beforeAll(async () => void (place = await open(engine)))
  afterAll(() => place?.[Symbol.asyncDispose]())
  beforeEach(async () => {
    await place.runtime.database.query('delete from file')
    await settled(place.runtime)
    // a worker may still be at work on rows that are gone
    await pollUntil('an empty store', async () => {
      await collectGarbage(place.runtime, { offline: true })
      return (await place.stored()).length === 0
    })
  })

  test('deletes what nothing mentions, after its grace period, and nothing else', async () => {
    const { runtime, stored } = place
    const rows = [
      { name: 'kept', file: text('kept'), more: [text('in an array')] },
      { name: 'gone', file: text('gone') },
      { name: 'noted', file: text('noted'), note: null },
    ]
    await insertRows(runtime, files, rows, { wait: true })
    await runtime.database.query('create table elsewhere (said jsonb)')
    // A frame of a video, in JSON that writes slashes as \\/, in a table that Vivant does not know.
    await runtime.database.query(`insert into elsewhere select jsonb_build_object('at', file || '#frame=3') from file where name = 'noted'`)
    await runtime.database.query(`delete from file where name in ('gone', 'noted')`)
    await settled(runtime)
    expect(await stored()).toHaveLength(7)
    // gone, and the cells of what was deleted
    const garbage = ['gone', 'gonegone', 'notednoted'].map((word) => word.length).reduce((a, b) => a + b)
    const preview = await collect(runtime, { ...atOnce, dryRun: true })
    expect(preview).toMatchObject({ condemned: { count: 3, bytes: garbage }, collected: { count: 0 } })
    expect(await collect(runtime, { graceMs: 60_000 })).toMatchObject({ condemned: { count: 0 } })
    expect(await collect(runtime, atOnce)).toMatchObject({ condemned: { count: 3, bytes: garbage }, collected: { count: 0 } })
    expect(await collect(runtime, { graceMs: 60_000 })).toMatchObject({ condemned: { count: 0 }, collected: { count: 0 } })
    expect(await stored()).toHaveLength(7)
    expect(await collect(runtime, atOnce)).toMatchObject({ collected: { count: 3, bytes: garbage }, unknown: { count: 0 } })
    expect(await stored()).toEqual(['kept', 'in an array', 'keptkept', 'noted'].toSorted())
    await runtime.database.query('drop table elsewhere')
    // and what was collected can be stored again
    await insertRows(runtime, files, [{ name: 'gone', file: text('gone') }], { wait: true })
    expect(await stored()).toEqual(['kept', 'in an array', 'keptkept', 'noted', 'gone', 'gonegone'].toSorted())
  })

  test('spares what is taken in, or named, while it is condemned', async () => {
    const { runtime, stored } = place
    await insertRows(runtime, files, [{ name: 'a', file: text('again') }], { wait: true })
    const url = (await runtime.database.query<{ file: string }>('select file from file')).rows[0]!.file
    await runtime.database.query('delete from file')
    await settled(runtime)
    const condemn = async (): Promise<void> => {
      expect((await collect(runtime, atOnce)).condemned.count).toBeGreaterThan(0)
    }
    await condemn()
    // taken in again, and not yet in a row
    expect(await runtime.media.ingest(text('again'), 'file')).toBe(url)
    expect((await collect(runtime, atOnce)).collected.count).toBe(1)
    expect(await stored()).toEqual(['again'])
    // named
    expect(await runtime.media.ingest(url, 'file')).toBe(url)
    expect((await collect(runtime, atOnce)).collected.count).toBe(0)
    await runtime.media.resolve(url, 'file')
    expect((await collect(runtime, atOnce)).collected.count).toBe(0)
    expect((await collect(runtime, atOnce)).collected.count).toBe(1)
    await expect(runtime.media.ingest(url, 'file')).rejects.toMatchObject({ code: 'MEDIA_NOT_FOUND' })
    expect(reference(url).url).toBe(url)
  })

  test('of what is taken in again at the moment in which it is deleted, the bytes are put again', async () => {
    const { runtime, store, stored } = place
    for (const content of ['again', 'never recorded']) {
      const put = store.put.bind(store)
      if (content === 'again') await runtime.media.ingest(text(content), 'file')
      else await put(new Blob([content]).stream() as never, { extension: 'txt', mimeType: 'text/plain', maxBytes: 100 })
      await collect(runtime, { ...atOnce, graceMs: content === 'again' ? 0 : 60_000 })
      expect(await stored()).toEqual([content])
      // The writer finds the bytes there; then they are deleted; then it writes them down.
      let puts = 0
      store.put = async (...args: Parameters<typeof put>) => {
        const result = await put(...args)
        if (puts++ === 0) {
          await collect(runtime, atOnce)
          expect(await stored()).toEqual([])
        }
        return result
      }
      const url = await runtime.media.ingest(text(content), 'file')
      store.put = put
      expect(puts).toBe(2)
      expect(Buffer.from(await runtime.media.handle(url, 'file').bytes()).toString()).toBe(content)
      await collect(runtime, atOnce)
      await collect(runtime, atOnce)
    }
  })

  test('who takes in what is just being deleted waits for its end', async () => {
    const { runtime, store, stored } = place
    const content = { extension: 'txt', mimeType: 'text/plain', maxBytes: 100 }
    for (const [index, word] of ['known', 'unknown'].entries()) {
      if (index === 0) await runtime.media.ingest(text(word), 'file')
      else await store.put(new Blob([word]).stream() as never, content)
      if (index === 0) await collect(runtime, atOnce)
      const remove = store.delete.bind(store)
      let taken: Promise<string> | undefined
      store.delete = async (key) => {
        taken ??= runtime.media.ingest(text(word), 'file')
        await new Promise((resolve) => setTimeout(resolve, 100))
        await remove(key)
      }
      await collect(runtime, atOnce)
      store.delete = remove
      await taken
      expect(await stored()).toEqual([word])
      await collectGarbage(runtime, { offline: true })
      expect(await stored()).toEqual([])
    }
  })

  test.runIf(engine.name === 'server')('who takes in the same as a transaction that lasts does not wait for it', async () => {
    const { runtime } = place
    const url = await runtime.media.ingest(text('shared'), 'file')
    await runtime.database.transaction(async (tx) => {
      expect(await runtime.media.on(tx).ingest(text('shared'), 'file')).toBe(url)
      expect(await runtime.media.ingest(text('shared'), 'file')).toBe(url)
    })
  })

  test.runIf(engine.name === 'server')('a table that it may not read as a whole ends it', async () => {
    const { runtime, target } = place
    const url = await runtime.media.ingest(text('hidden'), 'file')
    for (const statement of [
      'drop role if exists vivant_limited',
      'create role vivant_limited',
      'create table hidden (picture text)',
      `insert into hidden values ('${url}')`,
      'alter table hidden enable row level security',
      'grant usage on schema vivant, vivant_data to vivant_limited',
      'grant select on all tables in schema public, vivant, vivant_data to vivant_limited',
      'grant insert on vivant.media_mention to vivant_limited',
    ])
      await runtime.database.query(statement)
    {
      await using limited = await openDatabase(`${target}${target.includes('?') ? '&' : '?'}options=-c%20role%3Dvivant_limited`)
      await expect(scanMentions(limited, randomUUID())).rejects.toThrow(/"public"."hidden" cannot be read as a whole .*row-level security/u)
      await runtime.database.query('alter table hidden disable row level security')
      await runtime.database.query('revoke select on hidden from vivant_limited')
      await expect(scanMentions(limited, randomUUID())).rejects.toThrow(/"public"."hidden" cannot be read as a whole .*permission denied/u)
    }
    for (const statement of ['drop table hidden', 'drop owned by vivant_limited', 'drop role vivant_limited']) await runtime.database.query(statement)
  })

  test.runIf(engine.name === 'server')('waits for the transactions that were writing when it condemned', async () => {
    const { runtime, stored } = place
    const url = await runtime.media.ingest(text('late'), 'file')
    await runtime.database.session(async (client) => {
      await client.query('begin')
      await client.query({ text: `insert into file (name, file) values ('late', $1)`, values: [url] })
      expect(await collect(runtime, { graceMs: 0 })).toMatchObject({ condemned: { count: 1 } })
      expect(await collect(runtime, { graceMs: 0 })).toMatchObject({ collected: { count: 0 } })
      await client.query('commit')
    })
    await settled(runtime)
    await collect(runtime, atOnce)
    expect(await stored()).toEqual(['late', 'latelate'])
  })

  test('loses nothing beside writers that take in, share and delete the same media all the time', async () => {
    const { runtime, target, root } = place
    const stop = performance.now() + 10_000
    const isOver = (): boolean => performance.now() > stop || collected() > 8
    const words = Array.from({ length: 40 }, (_, number) => `word ${number}`)
    const random = randomNumbers(7)
    const reports: GarbageReport[] = []
    const collected = (): number => reports.reduce((sum, report) => sum + report.collected.count + report.unknown.count, 0)
    const write = async (seed: number): Promise<void> => {
      for (let turn = seed; !isOver(); turn++) {
        // Some come back when they are just being collected.
        const word = words[Math.floor(random() * words.length)]!
        const { ids } = await insertRows(runtime, files, [{ name: word, file: text(word), more: turn % 3 ? null : [text(`${word}!`)] }])
        // every row is read as soon as it is there
        const { rows } = await runtime.database.query<{ file: string }>({ text: 'select file from file where _id = $1', values: [ids[0]] })
        expect(Buffer.from(await runtime.media.handle(rows[0]!.file, 'file').bytes()).toString()).toBe(word)
        await runtime.database.query({ text: 'delete from file where _id = $1', values: [ids[0]] })
      }
    }
    // The grace period is longer than a writer needs from taking in to its commit, and shorter than the test.
    const sweep = async (): Promise<void> => {
      while (!isOver()) {
        reports.push(await collect(runtime, { graceMs: 100 }))
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    await using other = engine.name === 'server' ? await openPipeline(target, [], { media: { store: root }, worker: false }) : null
    await Promise.all([write(0), write(1), sweep(), ...(other ? [write(2)] : [])])
    expect(collected()).toBeGreaterThan(0)
    const run = await settled(runtime)
    expect(run).toMatchObject({ failed: 0, blocked: 0 })
  })

  test('removes bytes that were never written down, old ones, and refuses a store that is not the own one alone', async () => {
    const { runtime, stored, store, root } = place
    await insertRows(runtime, files, [{ name: 'kept', file: text('kept') }], { wait: true })
    await runTransaction(runtime, async ({ client }) => {
      await insertRows(runtime, files, [{ name: 'b', file: text('rolled back') }], {}, client)
      throw new Error('never mind')
    }).catch(() => {})
    const orphan = (await store.put(new Blob(['rolled back']).stream() as never, { extension: 'txt', mimeType: 'text/plain', maxBytes: 100 })).key
    const path = join(root, orphan.slice(0, 2), orphan.slice(2, 4), orphan)
    expect(await collect(runtime, { graceMs: 60_000 })).toMatchObject({ unknown: { count: 0 } })
    await utimes(path, new Date(Date.now() - 120_000), new Date(Date.now() - 120_000))
    expect(await collect(runtime, { graceMs: 60_000, dryRun: true })).toMatchObject({ unknown: { count: 1, bytes: 11 } })
    expect(await collect(runtime, { graceMs: 60_000 })).toMatchObject({ unknown: { count: 1, bytes: 11 } })
    expect(await stored()).toEqual(['kept', 'keptkept'])

    await expect(collectGarbage(runtime, { graceMs: 1000 })).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' })
    expect(await readdir(join(root, '.databases'))).toEqual([await databaseName(runtime.database)])
    await store.claim!('another-database')
    await expect(collectGarbage(runtime)).rejects.toThrow(/Other databases keep media in this store \(another-database\)/u)
    // the embedded engine has one process at a time
    if (engine.name === 'embedded') return
    await using elsewhere = await openPipeline(place.target, [], { media: { store: join(root, '..', 'elsewhere') }, worker: false })
    await expect(collectGarbage(elsewhere.runtime)).rejects.toThrow(/has none of the media/u)
    await expect(readdir(join(root, '..', 'elsewhere'))).rejects.toThrow('ENOENT')
  })
})

/** For moments in which nobody writes. */
const atOnce = { graceMs: 0, offline: true }

function text(content: string): Uint8Array {
  return new TextEncoder().encode(content)
}

function randomNumbers(seed: number): () => number {
  let state = seed
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
}

async function open(engine: Engine) {
  const folder = await mkdtemp(join(tmpdir(), 'vivant-garbage-'))
  const root = join(folder, 'store')
  const store = createFolderStore(root)
  const database = await engine.database()
  const pipeline = await openPipeline(database.target, [file] as never, { media: { store } })
  const stored = async (): Promise<string[]> => {
    const contents: string[] = []
    for await (const { key } of store.list()) contents.push(await new Response(await store.get(key)).text())
    return contents.toSorted()
  }
  return {
    runtime: pipeline.runtime satisfies Runtime,
    target: database.target,
    root,
    store,
    stored,
    [Symbol.asyncDispose]: async () => {
      await pipeline[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
