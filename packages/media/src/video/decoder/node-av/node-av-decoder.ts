import { fileURLToPath } from 'node:url'
import { ExactChunks } from '../exact-chunks.ts'
import { evenSides, filmDefaults, type FilmRequest, type FilmVideo } from '../film-request.ts'
import { pixelFilters } from '../frame-filters.ts'
import { describeVideoStream, type MediaProbe } from '../media-probe.ts'
import { MediaProcess, throwIfDamaged } from '../media-process.ts'
import { formatWhitelist, maxPixels, maxThreads, protocolWhitelist } from '../safe-input.ts'
import type { DecodedFrame, DecodeOptions, FrameRequest, SampleRequest, VideoDecoder } from '../video-decoder.ts'
import { wholeSamples } from '../whole-samples.ts'
import { type DecoderJob, type FilmJobVideo, frameHeaderBytes, type JobInput } from './decoder-job.ts'
import type { RawProbe } from './probe-medium.ts'

/** FFmpeg's libraries as npm brings them, in a process of Node for each call. */
export class NodeAvDecoder implements VideoDecoder {
  readonly name = 'node-av'

  async probe(path: string, options: DecodeOptions = {}): Promise<MediaProbe> {
    await using probing = start({ kind: 'probe', input: inputOf(path) }, options)
    const chunks: Buffer[] = []
    for await (const chunk of probing.chunks()) chunks.push(chunk)
    await probing.end()
    const { video, ...probe } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as RawProbe
    return { ...probe, video: video && describeVideoStream(video) }
  }

  async *readFrames(path: string, request: FrameRequest, options: DecodeOptions = {}): AsyncGenerator<DecodedFrame, void, undefined> {
    const { video, select = null, size, seekSeconds = null } = request
    const filters = size ? pixelFilters(video, size) : null
    await using decoding = start({ kind: 'frames', input: inputOf(path), streamIndex: video.index, select, seekSeconds, filters }, options)
    const chunks = new ExactChunks(decoding)
    while (true) {
      const header = await chunks.take(frameHeaderBytes)
      if (!header) break
      const view = new DataView(header.buffer)
      const data = await chunks.take(view.getUint32(12, true))
      if (!data) break
      yield { pts: view.getFloat64(0, true), isKeyFrame: view.getUint32(8, true) === 1, data }
    }
    await decoding.end()
    throwIfDamaged(decoding.lines.map((line) => `[error] ${line}`))
  }

  async *readSamples(path: string, request: SampleRequest, options: DecodeOptions = {}): AsyncGenerator<Float32Array, void, undefined> {
    const { sampleRate, channels, start: from = null, end = null } = request
    await using decoding = start({ kind: 'samples', input: inputOf(path), sampleRate, channels, start: from, end }, options)
    yield* wholeSamples(decoding.chunks())
    await decoding.end()
    throwIfDamaged(decoding.lines.map((line) => `[error] ${line}`))
  }

  async writeFilm(path: string, { video, sound }: FilmRequest, options: DecodeOptions = {}): Promise<void> {
    const job: DecoderJob = {
      kind: 'film',
      output: path,
      input: inputOf(path),
      video: video ? filmVideo(video) : null,
      sound: sound
        ? { path: sound.path, start: sound.start ?? null, end: sound.end ?? null, sampleRate: sound.sampleRate ?? null, channels: sound.channels ?? null }
        : null,
    }
    await using writing = start(job, options, true)
    await writing.feed(video?.frames)
  }
}

function filmVideo({ size, rate, quality, ...rest }: FilmVideo): FilmJobVideo {
  const { codec, pixelFormat, keyFrameEvery } = { ...filmDefaults, ...rest }
  return { size, rate, codec, pixelFormat, keyFrameEvery, options: encoderOptions(codec, quality), filters: `${evenSides},format=${pixelFormat}` }
}

function encoderOptions(codec: string, quality: number): Readonly<Record<string, string>> {
  if (codec === 'libx264') return { preset: 'veryfast', crf: String(quality) }
  return codec === 'libvpx-vp9' ? { crf: String(quality), b: '0', deadline: 'realtime', 'cpu-used': '8' } : {}
}

function inputOf(path: string): JobInput {
  return { path, formatWhitelist, protocolWhitelist, maxPixels, threads: maxThreads }
}

function start(job: DecoderJob, options: DecodeOptions, takesInput = false): MediaProcess {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const program = fileURLToPath(new URL(`node-av-process.${extension}`, import.meta.url))
  return new MediaProcess({ file: process.execPath, args: ['--disable-warning=ExperimentalWarning', program, JSON.stringify(job)], takesInput }, options)
}
