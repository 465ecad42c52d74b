import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, t, udf } from 'vivant'
import { frameIterator } from 'vivant/video'
import { image } from 'vivant/image'
import { startedProcesses } from '@vivant/media'
import { describeEngines } from '../../engines.ts'
import { makeFilm, numberOfPicture } from '../../support/films.ts'

let folder: string
let film: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vivant-frames-'))
  film = await makeFilm(join(folder, 'film.mp4'), { frames: 60 })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const numberShown = udf({ name: 'number_shown', input: [t.image()], output: t.int(), version: '1' }, async (frame) => numberOfPicture(await frame.bytes()))

describeEngines('frames of a video', (engine) => {
  test('are rows of a view that take no room, and each is the right one', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    const videos = await db.createTable('videos', { title: t.text(), video: t.video() })
    const frames = await db
      .createView('frames', { of: videos, iterate: (v) => frameIterator(v.video, { every: 7 }) })
      .addComputedColumn('thumb', (f) => image.thumbnail(f.frame, { size: 32 }))
      .addComputedColumn('number', (f) => numberShown(f.frame))
    const before = startedProcesses.count
    await videos.insert([{ title: 'Numbers', video: film }])
    await db.settled()
    // each a look at the header and a decode: at the insert, for counting, and one for all frames of both columns
    expect(startedProcesses.count - before).toBeLessThanOrEqual(6)
    const rows = await frames
      .orderBy((f) => f.index)
      .select((f) => ({ frame: f.frame, index: f.index, at: f.timestamp, number: f.number, keyFrame: f.keyFrame, width: f.frame.width, title: f.parent.title }))
      .execute()
    expect(rows.map(({ index }) => index)).toEqual([0, 7, 14, 21, 28, 35, 42, 49, 56])
    expect(rows.map(({ number }) => number)).toEqual([0, 7, 14, 21, 28, 35, 42, 49, 56])
    expect(rows[1]).toMatchObject({ at: 0.28, keyFrame: false, width: 160, title: 'Numbers' })
    expect(rows[1]!.frame.reference).toMatch(/^vivant:\/\/[0-9a-f]{64}\.mp4#frame=7&pts=\d+$/)
    expect(await numberOfPicture(await rows[8]!.frame.bytes())).toBe(56)
    expect(await frames.failures()).toEqual([])
  })
})
