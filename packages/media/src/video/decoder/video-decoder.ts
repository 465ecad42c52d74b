import type { FilmRequest } from './film-request.ts'
import type { MediaProbe, VideoStream } from './media-probe.ts'

/**
 * Reads video and sound. Each call starts one process, which is killed when its signal is aborted, when its caller
 * stops reading, and when it gives nothing for `stallMs`: a file that makes a decoder crash or hang harms nobody else.
 *
 * Both implementations give the same frames; one contract suite holds them.
 */
export interface VideoDecoder {
  readonly name: 'ffmpeg' | 'node-av'
  /** What the container and the codecs say, without decoding. Throws MEDIA_INVALID for what is no medium. */
  probe(path: string, options?: DecodeOptions): Promise<MediaProbe>
  /** Frames in the order in which they are shown, the last ones too. Nothing is decoded ahead of what is read. */
  readFrames(path: string, request: FrameRequest, options?: DecodeOptions): AsyncGenerator<DecodedFrame, void, undefined>
  /** Sound as interleaved samples from -1 to 1, in pieces of any length. */
  readSamples(path: string, request: SampleRequest, options?: DecodeOptions): AsyncGenerator<Float32Array, void, undefined>
  /** Encodes frames and sound into a file. */
  writeFilm(path: string, request: FilmRequest, options?: DecodeOptions): Promise<void>
}

export interface DecodeOptions {
  readonly signal?: AbortSignal | undefined
  /** How long the process may take from one piece of its output to the next. Default 60,000. */
  readonly stallMs?: number
}

export interface FrameRequest {
  readonly video: VideoStream
  /** Which ones; left out: all. */
  readonly select?: FrameSelection
  /** Left out: frames come without their pixels, which is how they are counted. */
  readonly size?: FrameSize
  /** Starts at the last key frame before this. Only where `select` names frames by time. */
  readonly seekSeconds?: number
}

/** By presentation time, or by number from the beginning. In ascending order. */
export type FrameSelection = { readonly pts: readonly number[] } | { readonly index: readonly number[] }

export interface FrameSize {
  readonly width: number
  readonly height: number
}

export interface DecodedFrame {
  /** In units of the stream's time base. */
  readonly pts: number
  readonly isKeyFrame: boolean
  /** Rows from top to bottom, three bytes each: red, green, blue. Empty where no size was asked for. */
  readonly data: Uint8Array
}

export interface SampleRequest {
  readonly sampleRate: number
  readonly channels: number
  /** Seconds from the beginning. */
  readonly start?: number
  readonly end?: number
}
