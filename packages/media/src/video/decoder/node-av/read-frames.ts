import { AVDISCARD_ALL, AVERROR_EAGAIN, AVERROR_EOF, AVSEEK_FLAG_BACKWARD } from 'node-av/constants'
import { type CodecContext, FFmpegError, type FilterContext, type FilterGraph, Frame, type Packet, type Stream } from 'node-av/lib'
import { frameHeaderBytes, type FramesJob } from './decoder-job.ts'
import { linkGraph } from './link-graph.ts'
import { complaints, openDecoder, openMedium, packetsOf } from './open-medium.ts'

const microseconds = 1_000_000

/** Decodes one stream from its beginning, or from a key frame, and writes the frames that are wanted. */
export function readFrames(job: FramesJob, write: (bytes: Uint8Array) => void): void {
  const context = openMedium(job.input)
  const stream = context.streams[job.streamIndex]!
  for (const other of context.streams) if (other.index !== stream.index) other.discard = AVDISCARD_ALL
  if (job.seekSeconds !== null) context.seekFrameSync(-1, BigInt(Math.round(job.seekSeconds * microseconds)), AVSEEK_FLAG_BACKWARD)
  const decoder = openDecoder(stream, job.input)
  const wanted = new WantedFrames(job)
  const pixels = job.filters === null ? null : new PixelGraph(stream, job.filters)
  for (const frame of framesOf(decoder, packetsOf(context, job.streamIndex))) {
    frame.pts = frame.bestEffortTimestamp
    if (!wanted.takes(Number(frame.pts))) continue
    const header = Buffer.alloc(frameHeaderBytes)
    header.writeDoubleLE(Number(frame.pts), 0)
    header.writeUInt32LE(frame.keyFrame ? 1 : 0, 8)
    const data = pixels?.convert(frame)
    header.writeUInt32LE(data?.byteLength ?? 0, 12)
    write(header)
    if (data) write(data)
    if (wanted.isComplete) return
  }
}

/** Which frames are written. */
class WantedFrames {
  readonly #pts: Set<number> | null
  readonly #index: Set<number> | null
  readonly #count: number
  #seen = 0
  #taken = 0

  constructor({ select }: FramesJob) {
    this.#pts = select && 'pts' in select ? new Set(select.pts) : null
    this.#index = select && 'index' in select ? new Set(select.index) : null
    this.#count = (this.#pts ?? this.#index)?.size ?? Infinity
  }

  get isComplete(): boolean {
    return this.#taken === this.#count
  }

  takes(pts: number): boolean {
    const index = this.#seen++
    const takes = (this.#pts?.has(pts) ?? true) && (this.#index?.has(index) ?? true)
    if (takes) this.#taken++
    return takes
  }
}

/** The decoder's frames; the end of the packets makes it give those that it holds back. One frame object for all. */
export function* framesOf(decoder: CodecContext, packets: Iterable<Packet | null>): Generator<Frame, void, undefined> {
  const frame = new Frame()
  frame.alloc()
  for (const packet of packets) {
    const sent = decoder.sendPacketSync(packet)
    if (sent < 0 && sent !== AVERROR_EOF) complaints.push(FFmpegError.strerror(sent))
    while (true) {
      const received = decoder.receiveFrameSync(frame)
      if (received === AVERROR_EAGAIN || received === AVERROR_EOF) break
      if (received < 0) {
        complaints.push(FFmpegError.strerror(received))
        break
      }
      yield frame
      frame.unref()
    }
  }
}

/** FFmpeg's filters from decoded frames to packed pixels, made anew when the frames' form changes. */
class PixelGraph {
  readonly #stream: Stream
  readonly #filters: string
  readonly #output = new Frame()
  #graph: { readonly graph: FilterGraph; readonly source: FilterContext; readonly sink: FilterContext } | undefined
  #form = ''

  constructor(stream: Stream, filters: string) {
    this.#stream = stream
    this.#filters = filters
    this.#output.alloc()
  }

  convert(frame: Frame): Buffer {
    const { num, den } = this.#stream.timeBase
    const form = `video_size=${frame.width}x${frame.height}:pix_fmt=${frame.format}:time_base=${num}/${den}:colorspace=${frame.colorSpace}:range=${frame.colorRange}`
    if (form !== this.#form) {
      this.#graph?.graph.free()
      this.#graph = linkGraph('buffer', form, this.#filters, 'buffersink')
      this.#form = form
    }
    const { source, sink } = this.#graph!
    FFmpegError.throwIfError(source.buffersrcAddFrameSync(frame))
    FFmpegError.throwIfError(sink.buffersinkGetFrameSync(this.#output))
    const data = this.#output.toBuffer()
    this.#output.unref()
    return data
  }
}
