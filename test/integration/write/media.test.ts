import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { t, table, tableDefinition, udf } from '@vivant/core'
import { createFolderStore, reference } from '@vivant/media'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { settled } from '../../../packages/vivant/src/observe/settled.ts'
import { insertRows } from '../../../packages/vivant/src/write/insert-rows.ts'
import { runTransaction } from '../../../packages/vivant/src/write/run-transaction.ts'
import { describeEngines } from '../../engines.ts'
import { openPipeline } from '../../support/open-pipeline.ts'

const sizeOf = udf({ name: 'size_of', input: [t.image()], output: t.int(), version: '1' }, async (picture) => (await picture.bytes()).byteLength)
const picture = table('picture', { image: t.image(), more: t.array(t.image()).nullable() }).computed('size', (row) => sizeOf(row.image))
const pictures = tableDefinition(picture)

function png(red: number): Promise<Buffer> {
  return sharp({ create: { width: 8, height: 8, channels: 3, background: { r: red, g: 0, b: 0 } } })
    .png()
    .toBuffer()
}

describeEngines('media of inserted rows', (engine) => {
  test('are taken in from whatever they come in, and a broken one names its row', async () => {
    await using database = await engine.database()
    const folder = await mkdtemp(join(tmpdir(), 'vivant-media-test-'))
    try {
      await using pipeline = await openPipeline(database.target, [picture] as never, { media: { store: createFolderStore(join(folder, 'store')) } })
      const { runtime } = pipeline
      const path = join(folder, 'a.png')
      await writeFile(path, await png(1))
      const bytes = await png(2)
      const rows = [
        { image: path },
        { image: new URL(`file://${path}`) },
        { image: new Uint8Array(bytes) },
        { image: new Blob([new Uint8Array(bytes)]) },
        { image: new Blob([new Uint8Array(bytes)]).stream(), more: [path, new Uint8Array(bytes)] },
        { image: reference('file:///etc/hostname') },
      ]
      const { ids } = await insertRows(runtime, pictures, rows)
      const stored = (await runtime.database.query<{ image: string; more: string[] | null }>('select image, more from picture order by _id')).rows
      expect(stored.map((row) => row.image.slice(0, 9))).toEqual(['vivant://', 'vivant://', 'vivant://', 'vivant://', 'vivant://', 'file:///e'])
      expect(stored[0]!.image).toBe(stored[1]!.image)
      expect(stored[4]!.more).toEqual([stored[0]!.image, stored[2]!.image])
      // a handle that was read
      const handle = runtime.media.handle(stored[2]!.image, 'image')
      const again = await insertRows(runtime, pictures, [{ image: handle }, { image: stored[2]!.image }], { wait: true })
      expect(again.run).toMatchObject({ ran: 2, failed: 0 })
      expect(ids).toHaveLength(6)

      const broken = [{ image: path }, { image: new Uint8Array([1, 2, 3]) }, { image: join(folder, 'nowhere.png') }, { image: 5 }]
      await expect(insertRows(runtime, pictures, broken)).rejects.toMatchObject({
        code: 'ROW_INVALID',
        details: { count: 3, invalid: [{ index: 1, column: 'image' }, { index: 2 }, { index: 3 }] },
      })
      const skipped = await insertRows(runtime, pictures, broken, { onInvalid: 'skip' })
      expect(skipped).toMatchObject({ count: 1, invalid: [{ index: 1 }, { index: 2 }, { index: 3 }] })
      await runTransaction(runtime, async ({ client }) => {
        expect((await insertRows(runtime, pictures, [{ image: path }, { image: await png(9) }], {}, client)).ids).toHaveLength(2)
      })
      const run = await settled(runtime)
      // the kept URL is of a folder that was not allowed: the medium failed, and what reads it is blocked
      expect(run).toMatchObject({ ran: 10, failed: 1, blocked: 1, perColumn: { 'picture.image': { failed: 1 }, 'picture.size': { ran: 10, blocked: 1 } } })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
