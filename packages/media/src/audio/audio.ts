import { type AudioType, type Column, type ImageType, type JsonType, type NumberType, type RecordType, t, type TextType, type Udf, udf } from '@vivant/core'
import { type AudioOutputOptions, extractAudio } from '../video/extract-audio.ts'
import { type AudioMetadata, audioMetadata } from './audio-metadata.ts'
import { type Loudness, loudness as measureLoudness } from './loudness.ts'
import { spectrogram as drawSpectrogram, type SpectrogramOptions } from './spectrogram.ts'
import { waveform as drawWaveform, type WaveformOptions } from './waveform.ts'

type ToPicture<O> = Udf<readonly [Column<AudioType>, Column<JsonType<O>, 'default'>], Column<ImageType>, Promise<Uint8Array>>

export type AudioMetadataType = RecordType<{
  readonly format: Column<TextType>
  readonly codec: Column<TextType>
  readonly durationSeconds: Column<NumberType, 'nullable'>
  readonly sampleRate: Column<NumberType>
  readonly channels: Column<NumberType>
  readonly bitRate: Column<NumberType, 'nullable'>
}>

export type LoudnessType = RecordType<{ readonly integrated: Column<NumberType, 'nullable'>; readonly peak: Column<NumberType, 'nullable'> }>

const concurrency = 2
/** Of what decodes a whole recording. */
const timeoutMs = 60 * 60 * 1000

const metadata: Udf<readonly [Column<AudioType>], Column<AudioMetadataType>, Promise<AudioMetadata>> = udf(
  {
    name: 'audio.metadata',
    input: [t.audio()],
    output: { format: t.text(), codec: t.text(), durationSeconds: t.float().nullable(), sampleRate: t.int(), channels: t.int(), bitRate: t.int().nullable() },
    version: 'metadata 1',
    concurrency,
  },
  async (recording, { signal }) => audioMetadata(recording, signal),
)

const resample: Udf<readonly [Column<AudioType>, Column<JsonType<AudioOutputOptions>>], Column<AudioType>, Promise<Uint8Array>> = udf(
  { name: 'audio.resample', input: [t.audio(), t.json<AudioOutputOptions>()], output: t.audio(), version: 'resample 1', concurrency, timeoutMs },
  async (recording, options, { signal }) => extractAudio(recording, options, signal),
)

const waveform: ToPicture<WaveformOptions> = udf(
  { name: 'audio.waveform', input: [t.audio(), t.json<WaveformOptions>().default({})], output: t.image(), version: 'waveform 1', concurrency, timeoutMs },
  async (recording, options, { signal }) => drawWaveform(recording, options, signal),
)

const spectrogram: ToPicture<SpectrogramOptions> = udf(
  {
    name: 'audio.spectrogram',
    input: [t.audio(), t.json<SpectrogramOptions>().default({})],
    output: t.image(),
    version: 'spectrogram 1',
    concurrency,
    timeoutMs,
  },
  async (recording, options, { signal }) => drawSpectrogram(recording, options, signal),
)

const loudness: Udf<readonly [Column<AudioType>], Column<LoudnessType>, Promise<Loudness>> = udf(
  {
    name: 'audio.loudness',
    input: [t.audio()],
    output: { integrated: t.float().nullable(), peak: t.float().nullable() },
    version: 'loudness 1',
    concurrency,
    timeoutMs,
  },
  async (recording, { signal }) => measureLoudness(recording, signal),
)

/**
 * Functions over sounds, for computed columns and queries. Called by themselves they take what a media column takes (a path,
 * bytes, …) and return bytes; the sound of a video does as well.
 *
 * What cannot be decoded or has no sound is MEDIA_INVALID, an option that makes no sense VALUE_INVALID: neither is tried again.
 *
 * ```ts
 * talks
 *   .addComputedColumn('small', (talk) => audio.resample(talk.recording, { format: 'ogg', sampleRate: 24_000, channels: 1 }))
 *   .addComputedColumn('picture', (talk) => audio.waveform(talk.recording, { width: 600 }))
 * ```
 */
export const audio: {
  /** A record of what the header says: `.durationSeconds`, `.sampleRate`, `.codec`, … */
  readonly metadata: typeof metadata
  /** In another rate, number of channels or format, or a part: `{ sampleRate: 16000, channels: 1, format: 'flac' }`. */
  readonly resample: typeof resample
  /** Its course as a PNG: `{ width: 600, height: 100, color: '#2563eb' }`. */
  readonly waveform: typeof waveform
  /** Its frequencies as a PNG: `{ width: 600, maxHertz: 4000 }`. */
  readonly spectrogram: typeof spectrogram
  /** A record of its loudness (EBU R 128): `.integrated` in LUFS, `.peak` in dB. */
  readonly loudness: typeof loudness
} = Object.freeze({ metadata, resample, waveform, spectrogram, loudness })
