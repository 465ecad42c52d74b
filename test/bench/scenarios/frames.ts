import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findDecoder, startedProcesses } from '@vivant/media'
import { connect, t, udf } from 'vivant'
import { frameIterator } from 'vivant/video'
import type { Measurement, Scenario } from '../scenario.ts'
import { secondsOf } from '../scenario.ts'

const size = { width: 640, height: 360 }
const count = 400

/** Trivial work on every pixel that is still work. */
function meanOf(data: Uint8Array): number {
  let sum = 0
  for (let index = 0; index < data.length; index += 16) sum += data[index]!
  return sum / (data.length / 16)
}

/** Frames of a video through a function, beside the same decoder and function without a table. */
export const frames: Scenario = {
  name: 'frames',
  async run(): Promise<readonly Measurement[]> {
    const folder = await mkdtemp(join(tmpdir(), 'vivant-bench-'))
    try {
      const film = join(folder, 'film.mp4')
      const decoder = await findDecoder()
      await decoder.writeFilm(film, { video: { size, rate: 25, quality: 23, frames: movingPictures() } })
      const { video } = await decoder.probe(film)
      const bare = async (): Promise<void> => {
        for await (const { data } of decoder.readFrames(film, { video: video!, size })) meanOf(data)
      }
      await using db = await connect('memory:')
      const videos = await db.createTable('videos', { video: t.video() })
      const table = await db.createView('frames', { of: videos, iterate: (v) => frameIterator(v.video) })
      await videos.insert([{ video: film }])
      await db.settled()
      const [bareSeconds, seconds, processes] = [[] as number[], [] as number[], [] as number[]]
      for (let run = 0; run < 3; run++) {
        bareSeconds.push(await secondsOf(bare))
        const mean = udf({ name: `mean_${run}`, input: [t.image()], output: t.float(), version: '1', concurrency: 8 }, async (frame) =>
          meanOf((await frame.pixels()).data),
        )
        const before = startedProcesses.count
        seconds.push(
          await secondsOf(async () => {
            await table.addComputedColumn(`mean_${run}`, (f) => mean(f.frame))
            await db.settled()
          }),
        )
        processes.push(startedProcesses.count - before)
      }
      const [best, bestBare] = [Math.min(...seconds), Math.min(...bareSeconds)]
      return [
        {
          work: `${count} frames of a video through a function (${decoder.name}; ${Math.min(...processes)} processes)`,
          budget: '≥ 0.9 × bare decode + function',
          measured: `${Math.round(count / best)} frames/s`,
          bare: `${Math.round(count / bestBare)} frames/s`,
          ratio: bestBare / best,
        },
      ]
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

async function* movingPictures(): AsyncGenerator<Uint8Array, void, undefined> {
  for (let frame = 0; frame < count; frame++) {
    const data = new Uint8Array(size.width * size.height * 3)
    for (let y = 0; y < size.height; y++) data.fill((y + frame * 3) & 0xff, y * size.width * 3, (y * size.width + ((frame * 7) % size.width)) * 3)
    yield data
  }
}
