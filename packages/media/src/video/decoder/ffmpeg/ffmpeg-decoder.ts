import { ExactChunks } from '../exact-chunks.ts'
import { pixelFilters, selectExpression } from '../frame-filters.ts'
import type { FilmRequest } from '../film-request.ts'
import { FrameQueue } from '../frame-queue.ts'
import type { MediaProbe } from '../media-probe.ts'
import { MediaProcess, throwIfDamaged } from '../media-process.ts'
import { formatWhitelist, maxPixels, maxThreads, protocolWhitelist } from '../safe-input.ts'
import type { DecodedFrame, DecodeOptions, FrameRequest, SampleRequest, VideoDecoder } from '../video-decoder.ts'
import { wholeSamples } from '../whole-samples.ts'
import { filmArguments } from './film-arguments.ts'
import { parseProbe } from './parse-probe.ts'

interface Stamp {
  readonly pts: number
  readonly isKeyFrame: boolean
}

const base = ['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'level+info']
/** Of frames that are counted: what waits to be read. */
const queuedStamps = 10_000
const stampPattern = /\[Parsed_showinfo_\d+ @ [^\]]*\].*? n: *\d+ pts: *(-?\d+|NOPTS) .*\biskey:([01])/
const framePattern = /^\[Parsed_showinfo_\d+ @/

/** The programs `ffmpeg` and `ffprobe` of the system. */
export class FfmpegDecoder implements VideoDecoder {
  readonly name = 'ffmpeg'
  readonly #ffmpeg: string
  readonly #ffprobe: string

  constructor(programs: { readonly ffmpeg: string; readonly ffprobe: string }) {
    this.#ffmpeg = programs.ffmpeg
    this.#ffprobe = programs.ffprobe
  }

  async probe(path: string, options: DecodeOptions = {}): Promise<MediaProbe> {
    const args = ['-hide_banner', '-loglevel', 'level+error', ...safeInput, '-of', 'json', '-show_format', '-show_streams', `file:${path}`]
    await using probing = new MediaProcess({ file: this.#ffprobe, args }, options)
    const chunks: Buffer[] = []
    for await (const chunk of probing.chunks()) chunks.push(chunk)
    await probing.end()
    return parseProbe(Buffer.concat(chunks).toString('utf8'))
  }

  async *readFrames(path: string, request: FrameRequest, options: DecodeOptions = {}): AsyncGenerator<DecodedFrame, void, undefined> {
    const { video, select, size, seekSeconds } = request
    const count = select && ('pts' in select ? select.pts : select.index).length
    if (count === 0) return
    const stamps = new FrameQueue<Stamp>(size ? Infinity : queuedStamps)
    const seek = seekSeconds === undefined ? [] : ['-noaccurate_seek', '-seek_timestamp', '1', '-ss', seekSeconds.toFixed(6)]
    const filters = [...(select ? [`select='${selectExpression(select)}'`] : []), 'showinfo=checksum=0', ...(size ? [pixelFilters(video, size)] : [])]
    const output = size ? ['-f', 'rawvideo', 'pipe:1'] : ['-f', 'null', '-']
    const input = ['-noautorotate', '-copyts', ...seek, '-threads', String(maxThreads), '-i', `file:${path}`]
    const limit = count === undefined ? [] : ['-frames:v', String(count)]
    const args = [...base, ...safeInput, ...input, '-map', `0:${video.index}`, '-vf', filters.join(','), '-fps_mode', 'passthrough', ...limit, ...output]
    const onLine = async (line: string): Promise<boolean> => {
      const [, pts, isKeyFrame] = stampPattern.exec(line) ?? []
      if (pts !== undefined) await stamps.push({ pts: Number(pts), isKeyFrame: isKeyFrame === '1' })
      return framePattern.test(line)
    }
    await using decoding = new MediaProcess({ file: this.#ffmpeg, args, onLine }, options)
    void decoding.ended.then(() => stamps.end())
    try {
      const chunks = new ExactChunks(decoding)
      while (true) {
        const data = size ? await chunks.take(size.width * size.height * 3) : empty
        const stamp = data && (await decoding.within(stamps.next()))
        if (!stamp || !data) break
        yield { pts: stamp.pts, isKeyFrame: stamp.isKeyFrame, data }
      }
    } finally {
      stamps.end()
    }
    await decoding.end()
    throwIfDamaged(decoding.lines)
  }

  async *readSamples(path: string, request: SampleRequest, options: DecodeOptions = {}): AsyncGenerator<Float32Array, void, undefined> {
    const { sampleRate, channels, start, end } = request
    const seek = start === undefined ? [] : ['-ss', start.toFixed(6)]
    const length = end === undefined ? [] : ['-t', (end - (start ?? 0)).toFixed(6)]
    const output = ['-ac', String(channels), '-ar', String(sampleRate), '-f', 'f32le', '-c:a', 'pcm_f32le', 'pipe:1']
    const args = [...base, ...safeInput, ...seek, '-i', `file:${path}`, ...length, '-map', '0:a:0', ...output]
    await using decoding = new MediaProcess({ file: this.#ffmpeg, args }, options)
    yield* wholeSamples(decoding.chunks())
    await decoding.end()
    throwIfDamaged(decoding.lines)
  }

  async writeFilm(path: string, request: FilmRequest, options: DecodeOptions = {}): Promise<void> {
    const args = [...base.filter((arg) => arg !== '-nostdin'), '-y', ...filmArguments(request, safeInput), `file:${path}`]
    await using writing = new MediaProcess({ file: this.#ffmpeg, args, takesInput: true }, options)
    await writing.feed(request.video?.frames)
  }
}

const empty = new Uint8Array()
const safeInput = ['-protocol_whitelist', protocolWhitelist, '-format_whitelist', formatWhitelist, '-max_pixels', String(maxPixels)]
