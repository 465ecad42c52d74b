import { type AudioStream, describeVideoStream, type Fraction, type MediaProbe, type VideoStream } from '../media-probe.ts'
import { invalidMedium } from '../media-process.ts'

/** The JSON of `ffprobe`, as far as it is read here: every number may be a text. */
interface ProbeJson {
  readonly format?: Fields
  readonly streams?: readonly (Fields & { readonly disposition?: Fields; readonly side_data_list?: readonly Fields[] })[]
}
type Fields = Readonly<Record<string, unknown>>

export function parseProbe(text: string): MediaProbe {
  const { format, streams = [] } = JSON.parse(text) as ProbeJson
  if (!format) throw invalidMedium('it is in no known format')
  const video = streams.find((stream) => stream['codec_type'] === 'video' && stream.disposition?.['attached_pic'] !== 1)
  const audio = streams.find((stream) => stream['codec_type'] === 'audio')
  return {
    format: textOf(format['format_name']) ?? 'unknown',
    durationSeconds: positive(format['duration']),
    startSeconds: numberOf(format['start_time']) ?? 0,
    bitRate: positive(format['bit_rate']),
    video: video ? videoStream(video) : null,
    audio: audio ? audioStream(audio) : null,
  }
}

function videoStream(stream: NonNullable<ProbeJson['streams']>[number]): VideoStream {
  const matrix = stream.side_data_list?.find((entry) => entry['displaymatrix'] !== undefined)?.['displaymatrix']
  return describeVideoStream({
    index: Number(stream['index']),
    codec: textOf(stream['codec_name']) ?? 'unknown',
    pixelFormat: textOf(stream['pix_fmt']),
    width: numberOf(stream['width']) ?? 0,
    height: numberOf(stream['height']) ?? 0,
    sampleAspect: fraction(stream['sample_aspect_ratio'], ':'),
    displayMatrix: typeof matrix === 'string' ? matrix.split('\n').flatMap(rowOfMatrix) : null,
    frameRate: fraction(stream['avg_frame_rate'], '/'),
    timeBase: fraction(stream['time_base'], '/'),
    startPts: numberOf(stream['start_pts']),
    durationSeconds: positive(stream['duration']),
    frameCount: positive(stream['nb_frames']),
  })
}

/** `00000000:            0       65536           0` */
function rowOfMatrix(line: string): readonly number[] {
  const [, numbers = ''] = line.split(':')
  return numbers.trim() === '' ? [] : numbers.trim().split(/\s+/).map(Number)
}

function audioStream(stream: Fields): AudioStream {
  return {
    index: Number(stream['index']),
    codec: textOf(stream['codec_name']) ?? 'unknown',
    sampleRate: numberOf(stream['sample_rate']) ?? 0,
    channels: numberOf(stream['channels']) ?? 0,
    durationSeconds: positive(stream['duration']),
  }
}

function fraction(value: unknown, separator: string): Fraction {
  const [num = 0, den = 0] = (textOf(value) ?? '').split(separator).map(Number)
  return { num: num || 0, den: den || 0 }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function numberOf(value: unknown): number | null {
  const number = Number(value ?? Number.NaN)
  return Number.isFinite(number) ? number : null
}

function positive(value: unknown): number | null {
  const number = numberOf(value)
  return number !== null && number > 0 ? number : null
}
