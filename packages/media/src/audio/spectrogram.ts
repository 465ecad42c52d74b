import sharp from 'sharp'
import { type MediaInput, VivantError } from '@vivant/core'
import { powerSpectrum } from './fourier.ts'
import { openAudio } from './open-audio.ts'
import { checkSize, type PictureOptions } from './waveform.ts'

export interface SpectrogramOptions extends PictureOptions {
  /** The highest frequency that is shown, in Hz. Default 8000. */
  readonly maxHertz?: number
}

const windowSamples = 1024
/** What is so much quieter than the loudest is black, in dB. */
const rangeDb = 90
/** From black over blue and red to white. */
const colours = [
  [0, 0, 0],
  [40, 20, 120],
  [190, 40, 90],
  [250, 160, 40],
  [255, 255, 230],
] as const

/**
 * Which frequencies a sound has when, as a PNG: time from left to right, low frequencies at the bottom, the loudest the
 * brightest. Hann windows of 1024 samples.
 *
 * @throws VALUE_INVALID, MEDIA_INVALID
 * @example await spectrogram('./talk.mp3', { width: 600, maxHertz: 4000 })
 */
export async function spectrogram(input: MediaInput, options: SpectrogramOptions = {}, signal?: AbortSignal): Promise<Uint8Array> {
  const { width, height } = checkSize(options, 256)
  const { maxHertz = 8000 } = options
  if (!(maxHertz >= 100 && maxHertz <= 48_000)) throw new VivantError('VALUE_INVALID', `maxHertz must be from 100 to 48000, not ${maxHertz}.`)
  await using open = await openAudio(input, signal)
  const seconds = open.audio.durationSeconds ?? open.probe.durationSeconds
  if (seconds === null) throw new VivantError('MEDIA_INVALID', 'The sound does not say how long it is, so it has no picture.')
  const sampleRate = Math.round(maxHertz * 2)
  const samples = open.decoder.readSamples(open.path, { sampleRate, channels: 1 }, { signal })
  const spectra = await spectraOf(samples, width, (seconds * sampleRate) / width)
  let loudest = 1e-12
  for (const spectrum of spectra) for (const power of spectrum) loudest = Math.max(loudest, power)
  const data = Buffer.alloc(width * height * 3)
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      const power = spectra[x]?.[Math.floor(((height - 1 - y) * (windowSamples / 2)) / height)] ?? 0
      const level = power > 0 ? 1 + (10 * Math.log10(power / loudest)) / rangeDb : 0
      data.set(colourOf(level), (y * width + x) * 3)
    }
  }
  return await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer()
}

/** The spectrum of a window at each column; the sound passes through and is not held. */
async function spectraOf(pieces: AsyncIterable<Float32Array>, columns: number, samplesOfColumn: number): Promise<readonly Float64Array[]> {
  const spectra: Float64Array[] = []
  const ring = new Float32Array(windowSamples)
  let read = 0
  const take = (): void => {
    const window = Float64Array.from({ length: windowSamples }, (_, index) => {
      const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / (windowSamples - 1))
      return ring[(read + index) % windowSamples]! * hann
    })
    spectra.push(powerSpectrum(window))
  }
  for await (const piece of pieces) {
    for (const sample of piece) {
      ring[read++ % windowSamples] = sample
      // A window that ends half its length behind the middle of its column.
      while (spectra.length < columns && read >= (spectra.length + 0.5) * samplesOfColumn + windowSamples / 2) take()
    }
  }
  while (spectra.length < columns) {
    ring[read++ % windowSamples] = 0
    if (read >= (spectra.length + 0.5) * samplesOfColumn + windowSamples / 2) take()
  }
  return spectra
}

function colourOf(level: number): readonly number[] {
  const place = Math.max(0, Math.min(1, level)) * (colours.length - 1)
  const from = Math.min(colours.length - 2, Math.floor(place))
  const [left, right] = [colours[from]!, colours[from + 1]!]
  return left.map((value, channel) => Math.round(value + (right[channel]! - value) * (place - from)))
}
