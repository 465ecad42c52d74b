import type { FilmVideo } from '../film-request.ts'
import type { FrameSelection, FrameSize } from '../video-decoder.ts'

/** What a process of `node-av` is told to do: the one argument of its command line, as JSON. */
export type DecoderJob = ProbeJob | FramesJob | SamplesJob | FilmJob

export interface JobInput {
  readonly path: string
  readonly formatWhitelist: string
  readonly protocolWhitelist: string
  readonly maxPixels: number
  readonly threads: number
}

/** Writes a `RawProbe` as JSON. */
export interface ProbeJob {
  readonly kind: 'probe'
  readonly input: JobInput
}

/** Writes for each frame its pts (float64), whether it is a key frame (uint32), how many bytes follow (uint32), and those. Little-endian. */
export interface FramesJob {
  readonly kind: 'frames'
  readonly input: JobInput
  readonly streamIndex: number
  readonly select: FrameSelection | null
  readonly seekSeconds: number | null
  /** FFmpeg's filters from a decoded frame to packed pixels; null: frames are written without bytes. */
  readonly filters: string | null
}

/** Writes interleaved float32, little-endian. */
export interface SamplesJob {
  readonly kind: 'samples'
  readonly input: JobInput
  readonly sampleRate: number
  readonly channels: number
  readonly start: number | null
  readonly end: number | null
}

/** Reads frames of red, green and blue from its standard input and writes a file. */
export interface FilmJob {
  readonly kind: 'film'
  readonly output: string
  /** How the file with the sound is opened. */
  readonly input: JobInput
  readonly video: FilmJobVideo | null
  readonly sound: FilmJobSound | null
}

export interface FilmJobVideo {
  readonly size: FrameSize
  readonly rate: number
  readonly codec: NonNullable<FilmVideo['codec']>
  readonly pixelFormat: string
  readonly keyFrameEvery: number
  /** Of the encoder. */
  readonly options: Readonly<Record<string, string>>
  readonly filters: string
}

export interface FilmJobSound {
  readonly path: string
  readonly start: number | null
  readonly end: number | null
  readonly sampleRate: number | null
  readonly channels: number | null
}

export const frameHeaderBytes = 16
