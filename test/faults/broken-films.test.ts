import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lookForDecoder, startedProcesses, type VideoDecoder } from '@vivant/media'
import { isVivantError } from 'vivant'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemFfmpeg } from '../ffmpeg/system-ffmpeg.ts'
import { type Films, makeFilms } from '../support/films.ts'
import { numberedFrames } from '../support/numbered-frames.ts'

const mutations = 25
const nodeAv = await lookForDecoder({})
const system = await systemFfmpeg()
if (typeof system === 'string') console.log(system)
const decoders: readonly VideoDecoder[] = typeof system === 'string' ? [nodeAv] : [system, nodeAv]

let folder: string
let films: Films
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vivant-broken-'))
  films = await makeFilms(folder, nodeAv)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The same every time. */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

function mutated(film: Buffer, random: () => number): Buffer {
  const bytes = Buffer.from(film)
  const way = Math.floor(random() * 4)
  if (way === 0) return bytes.subarray(0, Math.floor(random() * bytes.length))
  const from = Math.floor(random() * bytes.length)
  if (way === 1) bytes.fill(0, from, Math.min(bytes.length, from + Math.floor(random() * 2000)))
  else for (let count = way === 2 ? 1 : 200; count > 0; count--) bytes[Math.floor(random() * bytes.length)]! ^= 1 << Math.floor(random() * 8)
  return bytes
}

for (const decoder of decoders) {
  test.each(['mp4', 'mkv', 'webm', 'avi', 'ts', 'tenBit', 'wav'] as const)(
    `${decoder.name}: mutated files in %s are read, or refused with a VivantError`,
    async (kind) => {
      const whole = await readFile(films[kind])
      const random = randomNumbers(kind.length * 7919)
      const path = join(folder, `${decoder.name}-${kind}`)
      let [read, refused] = [0, 0]
      for (let round = 0; round < mutations; round++) {
        await writeFile(path, mutated(whole, random))
        try {
          const { video, audio } = await decoder.probe(path, { stallMs: 20_000 })
          if (video && video.width > 0)
            for await (const _ of decoder.readFrames(path, { video, size: { width: 32, height: 32 } }, { stallMs: 20_000 })) continue
          else if (audio) for await (const _ of decoder.readSamples(path, { sampleRate: 8000, channels: 1 }, { stallMs: 20_000 })) continue
          read++
        } catch (error) {
          if (!isVivantError(error)) throw error
          expect(error.code).toBe('MEDIA_INVALID')
          expect(error.message).not.toMatch(/ @ 0x/)
          refused++
        }
      }
      console.log(`${decoder.name} ${kind}: ${read} read, ${refused} refused`)
      expect(refused).toBeGreaterThan(0)
      expect(startedProcesses.running).toBe(0)
    },
  )

  test(`${decoder.name}: an hour of video takes no more memory than a minute`, async () => {
    const path = join(folder, `hour-${decoder.name}.mp4`)
    const size = { width: 32, height: 32 }
    await decoder.writeFilm(path, { video: { size, rate: 25, quality: 30, frames: numberedFrames(3600 * 25, size) } })
    const { video } = await decoder.probe(path)
    let [frames, early, late] = [0, 0, 0]
    for await (const _ of decoder.readFrames(path, { video: video!, size })) {
      frames++
      if (frames % 1500 !== 0) continue
      globalThis.gc?.()
      const { rss } = process.memoryUsage()
      if (frames <= 9000) early = Math.max(early, rss)
      else late = Math.max(late, rss)
    }
    expect(frames).toBe(90_000)
    console.log(`${decoder.name}: ${Math.round(early / 1e6)} MB in the first minutes, ${Math.round(late / 1e6)} MB later`)
    expect(late).toBeLessThan(early + 100e6)
  })
}
