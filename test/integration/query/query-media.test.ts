import { embeddingModel, t, table, udf } from '@vivant/core'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { describeEngines } from '../../engines.ts'
import { openQueries } from './open-queries.ts'

const width = udf({ name: 'media_width', input: [t.image()], output: t.int(), version: '1' }, async (picture) => (await picture.metadata()).width ?? 0)
/** A picture by its mean colour. */
const colour = udf({ name: 'media_colour', input: [t.image()], output: t.vector(3), version: '1' }, async (picture) => {
  const { channels } = await sharp(await picture.bytes()).stats()
  return channels.slice(0, 3).map((channel) => channel.mean + 1)
})
const byColour = embeddingModel({ name: 'colour', embed: colour })

const pictures = table('pictures', { name: t.text(), picture: t.image().nullable() })
  .computed('wide', (p) => width(p.picture))
  .embeddingIndex('picture', byColour)
const plain = table('plain', { picture: t.image().nullable() })

async function pixels(red: number, green: number, blue: number, columns = 8): Promise<Uint8Array> {
  return new Uint8Array(
    await sharp({ create: { width: columns, height: 4, channels: 3, background: { r: red, g: green, b: blue } } })
      .png()
      .toBuffer(),
  )
}

describeEngines('media in queries', (engine) => {
  test('come as handles; their properties filter, sort and are selected', async () => {
    await using db = await openQueries(engine)
    const query = await db.create(pictures)
    await db.insert(pictures, [
      { name: 'red', picture: await pixels(255, 0, 0, 8) },
      { name: 'green', picture: await pixels(0, 255, 0, 16) },
      { name: 'none', picture: null },
    ])
    await db.settled()
    const [first] = await query.where((p) => p.picture.width.gt(8)).execute()
    expect(first).toMatchObject({ name: 'green', wide: 16 })
    expect(first?.picture?.kind).toBe('image')
    expect(await first?.picture?.metadata()).toMatchObject({ width: 16, height: 4, mimeType: 'image/png' })
    const rows = await query
      .orderBy((p) => p.picture.width, 'desc')
      .select((p) => ({ name: p.name, size: { width: p.picture.width, height: p.picture.height }, mime: p.picture.mimeType, all: p.picture.metadata }))
      .execute()
    expect(rows).toMatchObject([
      { name: 'green', size: { width: 16, height: 4 }, mime: 'image/png', all: { width: 16, extension: 'png', pageCount: null } },
      { name: 'red', size: { width: 8, height: 4 }, mime: 'image/png' },
      { name: 'none', size: { width: null, height: null }, mime: null, all: null },
    ])
    expect((await query.select((p) => ({ w: p.picture.width, h: p.picture.height })).toSQL()).sql.match(/vivant\.media/gu)).toHaveLength(1)
    expect(
      await query
        .ready()
        .where((p) => p.picture.width.gt(1))
        .count(),
    ).toBe(2)
  })

  test('of a column that nothing resolves are known by the stored reference', async () => {
    await using db = await openQueries(engine, { worker: false })
    const query = await db.create(plain)
    await db.insert(plain, [{ picture: await pixels(1, 2, 3, 5) }])
    await db.runtime.database.query(`insert into plain (picture) values ('https://example.org/x.png')`)
    expect(
      await query
        .orderBy((p) => p._id)
        .select((p) => ({ width: p.picture.width }))
        .execute(),
    ).toEqual([{ width: 5 }, { width: null }])
    expect(await query.where((p) => p.picture.width.eq(5)).update({ picture: await pixels(1, 2, 3, 6) })).toEqual({ count: 1 })
    expect(await query.where((p) => p.picture.width.eq(6)).count()).toBe(1)
    await expect(query.where((p) => p.picture.width.eq(6)).update({ picture: new Uint8Array([1, 2, 3]) })).rejects.toMatchObject({
      code: 'MEDIA_INVALID',
      message: expect.stringMatching(/^picture: /u) as string,
    })
    expect(await query.where((p) => p.picture.width.eq(6)).delete()).toEqual({ count: 1 })
  })

  test('are searched by a path, a URL, bytes and a handle, without storing a row', async () => {
    await using db = await openQueries(engine)
    const query = await db.create(pictures)
    await db.insert(pictures, [
      { name: 'red', picture: await pixels(255, 0, 0) },
      { name: 'green', picture: await pixels(0, 255, 0) },
      { name: 'blue', picture: await pixels(0, 0, 255) },
    ])
    await db.settled()
    const folder = await mkdtemp(join(tmpdir(), 'vivant-query-'))
    try {
      const path = join(folder, 'question.png')
      await writeFile(path, await pixels(10, 230, 20))
      const nearest = async (question: string | URL | Uint8Array): Promise<string> =>
        (
          await query
            .orderBy((p) => p.picture.similarity(question), 'desc')
            .limit(1)
            .executeTakeFirstOrThrow()
        ).name
      expect(await nearest(path)).toBe('green')
      expect(await nearest(pathToFileURL(path))).toBe('green')
      expect(await nearest(await pixels(200, 10, 10))).toBe('red')
      const blue = await query.where((p) => p.name.eq('blue')).executeTakeFirstOrThrow()
      const [hit] = await query
        .orderBy((p) => p.picture.similarity(blue.picture!), 'desc')
        .limit(1)
        .select((p) => ({ name: p.name, score: p.picture.similarity(blue.picture!) }))
        .execute()
      expect(hit).toEqual({ name: 'blue', score: 1 })
      expect(await query.count()).toBe(3)
      await expect(query.orderBy((p) => p.picture.similarity(join(folder, 'none.png')), 'desc').execute()).rejects.toMatchObject({
        code: expect.stringMatching(/^MEDIA_/u) as string,
      })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
