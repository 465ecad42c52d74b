import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { audioSegments } from './audio-segments.ts'
import { audio } from './audio.ts'
import { powerSpectrum } from './fourier.ts'
import { readPcm } from './read-pcm.ts'
import { tone } from '../testing/tones.ts'

let folder: string
/** A second of 1 kHz, one of silence, one of 3 kHz. */
let parts: string
let steady: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vivant-audio-'))
  parts = join(folder, 'parts.wav')
  steady = join(folder, 'steady.wav')
  await writeFile(parts, tone([{ hertz: 1000 }, { hertz: 0 }, { hertz: 3000 }]))
  await writeFile(steady, tone([{ hertz: 997, seconds: 2, volume: 1 }]))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const code = (expected: string): Error => expect.objectContaining({ code: expected }) as Error

describe('functions over a sound', { timeout: 60_000 }, () => {
  test('its metadata, and the same in another form', async () => {
    expect(await audio.metadata(parts)).toMatchObject({ format: 'wav', codec: 'pcm_s16le', durationSeconds: 3, sampleRate: 48_000, channels: 1 })
    const small = await audio.resample(parts, { format: 'flac', sampleRate: 16_000, channels: 2, start: 0.5, end: 2 })
    expect(await audio.metadata(small)).toMatchObject({ format: 'flac', durationSeconds: 1.5, sampleRate: 16_000, channels: 2 })
    await expect(audio.resample(parts, { format: 'aiff' as never })).rejects.toEqual(code('VALUE_INVALID'))
    await expect(audio.resample(parts, { start: 3 })).rejects.toEqual(code('VALUE_INVALID'))
    await expect(audio.metadata(Buffer.from('no sound at all'))).rejects.toEqual(code('MEDIA_INVALID'))
  })

  test('samples for models: 16 kHz, one channel', async () => {
    const samples = await readPcm(parts)
    expect(samples).toHaveLength(48_000)
    expect(Math.max(...samples.subarray(0, 16_000))).toBeCloseTo(0.5, 1)
    expect(Math.max(...samples.subarray(20_000, 28_000))).toBeLessThan(0.001)
    expect(await readPcm(parts, { start: 1, end: 1.5, sampleRate: 8000 })).toHaveLength(4000)
  })

  test('parts between silences, and parts of equal length', async () => {
    const sounds = await Array.fromAsync(audioSegments(parts, { silence: true }))
    expect(sounds.map(({ start, end }) => [start, end])).toEqual([
      [0, expect.closeTo(1, 1)],
      [expect.closeTo(2, 1), 3],
    ])
    expect((await audio.metadata(sounds[1]!.segment)).durationSeconds).toBeCloseTo(1, 1)
    const equal = await Array.fromAsync(audioSegments(parts, { seconds: 1.5, overlap: 0.5, sampleRate: 8000 }))
    expect(equal.map(({ start, end }) => [start, end])).toEqual([
      [0, 1.5],
      [1, 2.5],
      [2, 3],
    ])
    await expect(Array.fromAsync(audioSegments(parts, {}))).rejects.toEqual(code('VALUE_INVALID'))
  })

  test('its loudness: a full tone of 997 Hz in one channel has -3.01 LUFS (BS.1770)', async () => {
    const { integrated, peak } = await audio.loudness(steady)
    expect(integrated).toBeCloseTo(-3.01, 1)
    expect(peak).toBeCloseTo(0, 1)
    // half as loud is 6.02 dB less; silence does not count
    expect((await audio.loudness(parts)).integrated).toBeLessThan(-7)
    expect(await audio.loudness(tone([{ hertz: 0 }]))).toEqual({ integrated: null, peak: null })
  })

  test('pictures of it', async () => {
    const course = await sharp(await audio.waveform(parts, { width: 90, height: 60, background: '#ffffff' }))
      .raw()
      .toBuffer({ resolveWithObject: true })
    expect(course.info).toMatchObject({ width: 90, height: 60 })
    const blue = (x: number): number =>
      Array.from({ length: 60 }, (_, y) => course.data[(y * 90 + x) * course.info.channels]!).filter((red) => red < 128).length
    expect([blue(15), blue(45), blue(75)]).toEqual([expect.closeTo(30, -1), 1, expect.closeTo(30, -1)])

    const { data, info } = await sharp(await audio.spectrogram(parts, { width: 90, height: 80, maxHertz: 4000 }))
      .raw()
      .toBuffer({ resolveWithObject: true })
    const brightest = (x: number): number => {
      const column = Array.from({ length: 80 }, (_, y) => data[(y * info.width + x) * info.channels + 1]!)
      return Math.max(...column) < 100 ? -1 : ((79.5 - column.indexOf(Math.max(...column))) * 4000) / 80
    }
    expect(brightest(15)).toBeCloseTo(1000, -2)
    expect(brightest(45)).toBe(-1)
    expect(brightest(75)).toBeCloseTo(3000, -2)
  })
})

test('a spectrum has its power at the frequency', () => {
  const window = Float64Array.from({ length: 64 }, (_, index) => Math.cos((2 * Math.PI * 5 * index) / 64))
  const spectrum = powerSpectrum(window)
  expect(spectrum).toHaveLength(32)
  expect(spectrum[5]).toBeCloseTo(32 ** 2)
  expect(spectrum[4]).toBeCloseTo(0)
})
