import { AV_NOPTS_VALUE, AVERROR_EAGAIN, AVERROR_EOF } from 'node-av/constants'
import {
  avChannelLayoutDefault,
  avChannelLayoutDescribe,
  avGetSampleFmtName,
  type CodecContext,
  FFmpegError,
  type FilterContext,
  Frame,
  type Stream,
} from 'node-av/lib'
import type { SamplesJob } from './decoder-job.ts'
import { audioType, openDecoder, openMedium, packetsOf, streamOf } from './open-medium.ts'
import { linkGraph } from './link-graph.ts'
import { framesOf } from './read-frames.ts'

/** Decodes the sound and writes it in the wanted rate and number of channels. */
export function readSamples(job: SamplesJob, write: (bytes: Uint8Array) => void): void {
  const context = openMedium(job.input)
  const stream = streamOf(context, audioType)
  if (!stream) throw new Error('it has no sound')
  const decoder = openDecoder(stream, job.input)
  const layout = avChannelLayoutDescribe(avChannelLayoutDefault(job.channels))
  const range =
    job.start === null && job.end === null
      ? []
      : [`atrim=${[...(job.start === null ? [] : [`start=${job.start}`]), ...(job.end === null ? [] : [`end=${job.end}`])].join(':')}`]
  const filters = [...range, `aresample=${job.sampleRate}`, `aformat=sample_fmts=flt:sample_rates=${job.sampleRate}:channel_layouts=${layout}`].join(',')
  for (const frame of filteredFrames(decoder, stream, packetsOf(context, stream.index), filters)) write(frame.toBuffer())
}

/** Decoded sound through FFmpeg's filters, those held back at the end too. Times are counted from the beginning of the stream. */
export function* filteredFrames(
  decoder: CodecContext,
  stream: Stream,
  packets: Parameters<typeof framesOf>[1],
  filters: string,
): Generator<Frame, void, undefined> {
  const start = stream.startTime === AV_NOPTS_VALUE ? 0n : stream.startTime
  const output = new Frame()
  output.alloc()
  let graph: ReturnType<typeof linkGraph> | undefined
  let form = ''
  for (const frame of framesOf(decoder, packets)) {
    frame.pts = frame.bestEffortTimestamp - start
    const { num, den } = stream.timeBase
    const next = `time_base=${num}/${den}:sample_rate=${frame.sampleRate}:sample_fmt=${avGetSampleFmtName(frame.format as never)}:channel_layout=${avChannelLayoutDescribe(frame.channelLayout)}`
    if (next !== form) {
      if (graph) yield* drain(graph.source, graph.sink, null, output)
      graph?.graph.free()
      graph = linkGraph('abuffer', next, filters, 'abuffersink')
      form = next
    }
    yield* drain(graph!.source, graph!.sink, frame, output)
  }
  if (graph) yield* drain(graph.source, graph.sink, null, output)
}

function* drain(source: FilterContext, sink: FilterContext, frame: Frame | null, output: Frame): Generator<Frame, void, undefined> {
  const added = source.buffersrcAddFrameSync(frame)
  // A range that is over takes no more.
  if (added < 0 && added !== AVERROR_EOF) FFmpegError.throwIfError(added)
  while (true) {
    const got = sink.buffersinkGetFrameSync(output)
    if (got === AVERROR_EAGAIN || got === AVERROR_EOF) return
    FFmpegError.throwIfError(got)
    yield output
    output.unref()
  }
}
