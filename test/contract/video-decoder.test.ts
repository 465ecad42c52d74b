import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lookForDecoder, type DecodedFrame, startedProcesses, type VideoDecoder } from '@vivant/media'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemFfmpeg } from '../ffmpeg/system-ffmpeg.ts'
import { makeFilms, type Films } from '../support/films.ts'
import { numberedFrames, numberOf } from '../support/numbered-frames.ts'

const nodeAv = await lookForDecoder({})
const system = await systemFfmpeg()
if (typeof system === 'string') console.log(system)

let folder: string
let films: Films
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vivant-decoders-'))
  films = await makeFilms(folder, nodeAv)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describeDecoder('node-av', nodeAv)
if (typeof system !== 'string') describeDecoder('the system FFmpeg', system)

function describeDecoder(name: string, decoder: VideoDecoder): void {
  const invalid = (reason: RegExp): Error => expect.objectContaining({ code: 'MEDIA_INVALID', message: expect.stringMatching(reason) as string }) as Error

  async function read(path: string, request: Partial<Parameters<VideoDecoder['readFrames']>[1]> = {}): Promise<readonly DecodedFrame[]> {
    const { video } = await decoder.probe(path)
    return Array.fromAsync(decoder.readFrames(path, { video: video!, ...request }))
  }
  async function numbersIn(path: string, request: Partial<Parameters<VideoDecoder['readFrames']>[1]> = {}): Promise<readonly number[]> {
    const { video } = await decoder.probe(path)
    const size = { width: video!.width, height: video!.height }
    const numbers: number[] = []
    for await (const { data } of decoder.readFrames(path, { video: video!, size, ...request })) numbers.push(numberOf({ data, ...size }))
    return numbers
  }

  describe(name, () => {
    test('tells what a container says', async () => {
      expect(await decoder.probe(films.mp4)).toMatchObject({
        format: expect.stringContaining('mp4') as string,
        durationSeconds: expect.closeTo(2.4, 1) as number,
        video: { codec: 'h264', pixelFormat: 'yuv420p', width: 160, height: 96, rotation: 0, frameRate: 25, frameCount: 60 },
        audio: { codec: 'aac', sampleRate: 44_100, channels: 1 },
      })
      expect(await decoder.probe(films.wav)).toMatchObject({
        format: 'wav',
        durationSeconds: 3,
        video: null,
        audio: { codec: 'pcm_s16le', sampleRate: 44_100 },
      })
    })

    test.each(['mp4', 'mkv', 'webm', 'avi', 'ts'] as const)('gives every frame of a film in %s, in order, the last ones too', async (kind) => {
      expect(await numbersIn(films[kind])).toEqual(Array.from({ length: 60 }, (_, index) => index))
    })

    test('counts without pixels what it gives with them', async () => {
      const frames = await read(films.mp4)
      expect(frames).toHaveLength(60)
      const keyFrames = frames.flatMap(({ isKeyFrame }, index) => (isKeyFrame ? [index] : []))
      expect(keyFrames[0]).toBe(0)
      expect(keyFrames.length).toBeGreaterThan(2)
      expect(keyFrames.length).toBeLessThan(30)
      expect(frames[59]).toMatchObject({ pts: frames[1]!.pts * 59, data: new Uint8Array() })
    })

    test('selects by number and by time, from a key frame on where it is told to seek', async () => {
      const pts = (await read(films.mp4)).map((frame) => frame.pts)
      expect(await numbersIn(films.mp4, { select: { index: [0, 1, 2, 30, 59] } })).toEqual([0, 1, 2, 30, 59])
      expect(await numbersIn(films.mp4, { select: { pts: [pts[30]!, pts[31]!, pts[59]!] }, seekSeconds: 1.1 })).toEqual([30, 31, 59])
      expect(await numbersIn(films.mp4, { select: { index: [] } })).toEqual([])
    })

    test('turns frames as they are seen, squares their pixels and reads odd formats', async () => {
      const { video } = await decoder.probe(films.rotated)
      expect(video).toMatchObject({ width: 96, height: 160, rotation: 90 })
      const [first] = await read(films.rotated, { size: { width: 96, height: 160 }, select: { index: [3] } })
      // the squares of frame 3, the first two of the upper row, are the upper two of the last column now
      expect(numberOf({ data: first!.data, width: 96, height: 160 })).toBe((1 << 3) | (1 << 7))
      expect(await numbersIn(films.tenBit)).toEqual(Array.from({ length: 10 }, (_, index) => index))
      expect(await numbersIn(films.variable)).toEqual(Array.from({ length: 10 }, (_, index) => index))
      expect((await read(films.variable)).map(({ pts }) => pts)).toEqual(films.variableTimes)
    })

    test('gives sound in any rate', async () => {
      const samples = await Array.fromAsync(decoder.readSamples(films.wav, { sampleRate: 16_000, channels: 1 }))
      const all = samples.flatMap((piece) => [...piece])
      expect(Math.abs(all.length - 48_000)).toBeLessThan(50)
      // a tone of 440 Hz crosses zero 880 times a second
      const crossings = all.filter((value, index) => index > 0 && value >= 0 !== all[index - 1]! >= 0).length
      expect(Math.abs(crossings - 2640)).toBeLessThan(10)
      const part = await Array.fromAsync(decoder.readSamples(films.wav, { sampleRate: 8000, channels: 2, start: 1, end: 1.5 }))
      expect(Math.abs(part.reduce((sum, piece) => sum + piece.length, 0) - 8000)).toBeLessThan(40)
    })

    test('writes films and sounds', async () => {
      const path = join(folder, `${decoder.name}.mp4`)
      const size = { width: 161, height: 97 }
      await decoder.writeFilm(path, {
        video: { size, rate: 10, frames: numberedFrames(12, size), quality: 20 },
        sound: { path: films.wav, start: 1, end: 2.2 },
      })
      expect(await decoder.probe(path)).toMatchObject({
        durationSeconds: expect.closeTo(1.2, 1) as number,
        video: { width: 162, height: 98, frameRate: 10 },
        audio: { codec: 'aac' },
      })
      expect(await numbersIn(path)).toEqual(Array.from({ length: 12 }, (_, index) => index))
      const sound = join(folder, `${decoder.name}.flac`)
      await decoder.writeFilm(sound, { sound: { path: films.mp4, sampleRate: 16_000, channels: 1 } })
      expect(await decoder.probe(sound)).toMatchObject({ video: null, audio: { codec: 'flac', sampleRate: 16_000, channels: 1 } })
    })

    test('says what is wrong with a broken file', async () => {
      const whole = await readFile(films.mkv)
      const path = join(folder, `${decoder.name}-broken`)
      const broken = async (bytes: Uint8Array): Promise<string> => {
        await writeFile(path, bytes)
        return path
      }
      await expect(decoder.probe(await broken(new Uint8Array()))).rejects.toEqual(invalid(/cannot be decoded/))
      await expect(decoder.probe(await broken(Buffer.from('not a video, just a text by that name'.repeat(20))))).rejects.toEqual(invalid(/cannot be decoded/))
      await expect(decoder.probe(await broken(Buffer.from('#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:1/x.ts\n#EXT-X-ENDLIST\n')))).rejects.toEqual(
        invalid(/whitelist|Invalid|cannot/),
      )
      await expect(decoder.probe(join(folder, 'none.mp4'))).rejects.toEqual(invalid(/No such file/))
      const middle = Buffer.from(whole)
      middle.fill(0x5a, Math.floor(middle.length * 0.4), Math.floor(middle.length * 0.6))
      await expect(read(await broken(middle))).rejects.toEqual(invalid(/damaged or cut off/))
      await expect(read(await broken(whole.subarray(0, whole.length * 0.7)))).rejects.toEqual(invalid(/damaged or cut off/))
    })

    test('is ended by its signal, by who stops reading, and when it stalls', async () => {
      const { video } = await decoder.probe(films.mp4)
      const request = { video: video!, size: { width: 160, height: 96 } }
      const abort = new AbortController()
      const reading = decoder.readFrames(films.mp4, request, { signal: abort.signal })
      await reading.next()
      abort.abort()
      await expect(Array.fromAsync(reading)).rejects.toMatchObject({ code: 'ABORTED' })
      await expect(decoder.readFrames(films.mp4, request, { signal: abort.signal }).next()).rejects.toMatchObject({ code: 'ABORTED' })
      for await (const { data } of decoder.readFrames(films.mp4, request)) {
        expect(numberOf({ data, width: 160, height: 96 })).toBe(0)
        break
      }
      await expect(decoder.probe(films.mp4, { stallMs: 1 })).rejects.toMatchObject({ code: 'TIMEOUT' })
      expect(startedProcesses.running).toBe(0)
    })
  })
}
