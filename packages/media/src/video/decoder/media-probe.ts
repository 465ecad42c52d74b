/** What a container says of itself. */
export interface MediaProbe {
  /** FFmpeg's name: `mov,mp4,m4a,3gp,3g2,mj2`, `matroska,webm`, `wav`, … */
  readonly format: string
  readonly durationSeconds: number | null
  /** When the first stream begins: times are told from here. */
  readonly startSeconds: number
  readonly bitRate: number | null
  readonly video: VideoStream | null
  readonly audio: AudioStream | null
}

export interface VideoStream {
  /** Among the streams of the file. */
  readonly index: number
  readonly codec: string
  readonly pixelFormat: string | null
  /** As it is seen: turned by the display matrix, with square pixels. */
  readonly width: number
  readonly height: number
  /** Clockwise, in degrees. */
  readonly rotation: number
  /** FFmpeg's filters that turn a decoded frame as it is seen. */
  readonly turns: readonly string[]
  /** On average, in frames a second. */
  readonly frameRate: number | null
  /** Seconds of one unit of `pts`, as a fraction. */
  readonly timeBase: Fraction
  readonly startPts: number | null
  readonly durationSeconds: number | null
  /** What the container says, which need not be true. */
  readonly frameCount: number | null
}

export interface AudioStream {
  readonly index: number
  readonly codec: string
  readonly sampleRate: number
  readonly channels: number
  readonly durationSeconds: number | null
}

export interface Fraction {
  readonly num: number
  readonly den: number
}

/** What both decoders know of a stream; the properties that are derived are derived in one place. */
export interface RawVideoStream {
  readonly index: number
  readonly codec: string
  readonly pixelFormat: string | null
  readonly width: number
  readonly height: number
  readonly sampleAspect: Fraction
  /** The nine numbers of the display matrix. */
  readonly displayMatrix: readonly number[] | null
  readonly frameRate: Fraction
  readonly timeBase: Fraction
  readonly startPts: number | null
  readonly durationSeconds: number | null
  readonly frameCount: number | null
}

export function describeVideoStream(raw: RawVideoStream): VideoStream {
  const { index, codec, pixelFormat, timeBase, startPts, durationSeconds, frameCount } = raw
  const { rotation, turns } = turnsOf(raw.displayMatrix)
  const aspect = raw.sampleAspect.num > 0 && raw.sampleAspect.den > 0 ? raw.sampleAspect.num / raw.sampleAspect.den : 1
  const width = Math.max(1, Math.round(raw.width * aspect))
  const isTurned = rotation === 90 || rotation === 270
  return {
    index,
    codec,
    pixelFormat,
    width: isTurned ? raw.height : width,
    height: isTurned ? width : raw.height,
    rotation,
    turns,
    frameRate: raw.frameRate.num > 0 && raw.frameRate.den > 0 ? raw.frameRate.num / raw.frameRate.den : null,
    timeBase,
    startPts,
    durationSeconds,
    frameCount,
  }
}

/**
 * The rotation of a display matrix (ISO/IEC 14496-12, 8.2.2) and the filters that carry it out, as FFmpeg's own programs
 * choose them; it may mirror as well. Angles that are no quarter turns are left as they are.
 */
function turnsOf(matrix: readonly number[] | null): { readonly rotation: number; readonly turns: readonly string[] } {
  if (matrix?.length !== 9) return { rotation: 0, turns: [] }
  const [a = 0, b = 0, , c = 0, d = 0] = matrix
  const [first, second] = [Math.hypot(a, c), Math.hypot(b, d)]
  if (first === 0 || second === 0) return { rotation: 0, turns: [] }
  const angle = Math.round((Math.atan2(b / second, a / first) * 180) / Math.PI)
  const rotation = (angle + 360) % 360
  if (rotation === 90) return { rotation, turns: [c > 0 ? 'transpose=cclock_flip' : 'transpose=clock'] }
  if (rotation === 270) return { rotation, turns: [c < 0 ? 'transpose=clock_flip' : 'transpose=cclock'] }
  if (rotation === 180) return { rotation, turns: [...(a < 0 ? ['hflip'] : []), ...(d < 0 ? ['vflip'] : [])] }
  return { rotation: 0, turns: rotation === 0 && d < 0 ? ['vflip'] : [] }
}
