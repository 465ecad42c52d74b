import type { FrameSize } from './video-decoder.ts'

/** What a decoder's other half writes. The extension of the path says which container. */
export interface FilmRequest {
  readonly video?: FilmVideo
  /** A file whose sound goes with it. */
  readonly sound?: FilmSound
}

export interface FilmVideo {
  /** Of the frames as they are given: rows of red, green and blue, three bytes a pixel. */
  readonly size: FrameSize
  /** Frames a second. */
  readonly rate: number
  readonly frames: AsyncIterable<Uint8Array>
  /** Of constant quality: 0 (best) to 51. */
  readonly quality: number
  /** Frames from one key frame to the next at most. */
  readonly keyFrameEvery?: number
  /** Left out: H.264 with halved colours, which plays everywhere. */
  readonly codec?: 'libx264' | 'mpeg4' | 'libvpx-vp9' | 'ffv1'
  readonly pixelFormat?: string
}

export interface FilmSound {
  readonly path: string
  /** Seconds from its beginning. */
  readonly start?: number
  readonly end?: number
  /** Left out: as it is. */
  readonly sampleRate?: number
  readonly channels?: number
}

/** Frames whose sides are odd cannot have halved colours: they are stretched by a pixel. (node-av 6 crashes where it pads instead.) */
export const evenSides: string = 'scale=ceil(iw/2)*2:ceil(ih/2)*2:flags=bicubic'

export const filmDefaults: Readonly<Required<Pick<FilmVideo, 'codec' | 'pixelFormat' | 'keyFrameEvery'>>> = {
  codec: 'libx264',
  pixelFormat: 'yuv420p',
  keyFrameEvery: 250,
}
