import { AV_CODEC_FLAG_GLOBAL_HEADER, AV_PIX_FMT_RGB24, AVERROR_EAGAIN, AVERROR_EOF, AVFMT_GLOBALHEADER, type AVSampleFormat } from 'node-av/constants'
import {
  avChannelLayoutDefault,
  avChannelLayoutDescribe,
  avGetPixFmtFromName,
  avGetSampleFmtName,
  Codec,
  CodecContext,
  FFmpegError,
  FormatContext,
  Frame,
  Packet,
  Rational,
  type Stream,
} from 'node-av/lib'
import type { FilmJob, FilmJobSound, FilmJobVideo, JobInput } from './decoder-job.ts'
import { linkGraph } from './link-graph.ts'
import { audioType, openDecoder, openMedium, packetsOf, streamOf } from './open-medium.ts'
import { filteredFrames } from './read-samples.ts'

/** Writes a film from raw frames, a file's sound, or both. */
export function writeFilm(job: FilmJob, readFrame: (length: number) => Buffer | null): void {
  const output = new FormatContext()
  FFmpegError.throwIfError(output.allocOutputContext2(null, null, job.output))
  const video = job.video && new VideoTrack(output, job.video)
  const sound = job.sound && new SoundTrack(output, job.sound, job.input)
  FFmpegError.throwIfError(output.openOutputSync())
  FFmpegError.throwIfError(output.writeHeaderSync())
  if (video) {
    for (let bytes = readFrame(video.frameBytes); bytes; bytes = readFrame(video.frameBytes)) {
      video.write(bytes)
      // In step, so that the container need not hold one of them back.
      sound?.writeUntil(video.seconds)
    }
    video.end()
  }
  sound?.writeUntil(Infinity)
  FFmpegError.throwIfError(output.writeTrailerSync())
  output.closeOutputSync()
}

/** An encoder and its stream in the file. */
class Track {
  readonly #output: FormatContext
  readonly #encoder: CodecContext
  readonly #stream: Stream
  readonly #packet = new Packet()

  constructor(output: FormatContext, encoder: CodecContext, codec: Codec) {
    this.#output = output
    this.#encoder = encoder
    if (output.oformat?.hasFlags(AVFMT_GLOBALHEADER)) encoder.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER)
    FFmpegError.throwIfError(encoder.open2Sync(codec, null))
    this.#stream = output.newStream()
    FFmpegError.throwIfError(this.#stream.codecpar.fromContext(encoder))
    this.#stream.timeBase = encoder.timeBase
    this.#packet.alloc()
  }

  /** Null: no more comes, what is held back is written. */
  write(frame: Frame | null): void {
    FFmpegError.throwIfError(this.#encoder.sendFrameSync(frame))
    while (true) {
      const received = this.#encoder.receivePacketSync(this.#packet)
      if (received === AVERROR_EAGAIN || received === AVERROR_EOF) return
      FFmpegError.throwIfError(received)
      this.#packet.streamIndex = this.#stream.index
      // Without a duration the last frame lasts no time in an MP4, and decoders leave it out.
      if (this.#packet.duration === 0n) this.#packet.duration = 1n
      this.#packet.rescaleTs(this.#encoder.timeBase, this.#stream.timeBase)
      FFmpegError.throwIfError(this.#output.interleavedWriteFrameSync(this.#packet))
    }
  }
}

class VideoTrack {
  readonly frameBytes: number
  readonly #job: FilmJobVideo
  readonly #track: Track
  readonly #graph: ReturnType<typeof linkGraph>
  readonly #converted = new Frame()
  readonly #rate: Rational
  #written = 0

  constructor(output: FormatContext, job: FilmJobVideo) {
    const { size, codec: name, pixelFormat, keyFrameEvery, options } = job
    this.#job = job
    this.frameBytes = size.width * size.height * 3
    this.#rate = new Rational(Math.round(job.rate * 1000), 1000)
    const codec = Codec.findEncoderByName(name as never)
    if (!codec) throw new Error(`there is no encoder ${name}`)
    const encoder = new CodecContext()
    encoder.allocContext3(codec)
    encoder.width = size.width + (size.width % 2)
    encoder.height = size.height + (size.height % 2)
    encoder.pixelFormat = avGetPixFmtFromName(pixelFormat)
    encoder.timeBase = this.#rate.inv()
    encoder.framerate = this.#rate
    encoder.gopSize = keyFrameEvery
    for (const [option, value] of Object.entries(options)) FFmpegError.throwIfError(encoder.setOption(option, value))
    this.#track = new Track(output, encoder, codec)
    const form = `video_size=${size.width}x${size.height}:pix_fmt=${AV_PIX_FMT_RGB24}:time_base=${this.#rate.den}/${this.#rate.num}`
    this.#graph = linkGraph('buffer', form, job.filters, 'buffersink')
    this.#converted.alloc()
  }

  get seconds(): number {
    return this.#written / this.#job.rate
  }

  write(bytes: Buffer): void {
    using frame = Frame.fromVideoBuffer(bytes, { ...this.#job.size, format: AV_PIX_FMT_RGB24, timeBase: this.#rate.inv(), pts: BigInt(this.#written) })
    FFmpegError.throwIfError(this.#graph.source.buffersrcAddFrameSync(frame))
    FFmpegError.throwIfError(this.#graph.sink.buffersinkGetFrameSync(this.#converted))
    this.#converted.pts = BigInt(this.#written++)
    this.#track.write(this.#converted)
    this.#converted.unref()
  }

  end(): void {
    this.#track.write(null)
  }
}

class SoundTrack {
  readonly #track: Track
  readonly #frames: Generator<Frame, void, undefined>
  readonly #sampleRate: number
  #samples = 0
  #isOver = false

  constructor(output: FormatContext, job: FilmJobSound, input: JobInput) {
    const context = openMedium({ ...input, path: job.path })
    const stream = streamOf(context, audioType)
    if (!stream) throw new Error('it has no sound')
    const codec = Codec.findEncoder(output.oformat!.audioCodec)
    if (!codec) throw new Error('there is no encoder for its sound')
    const encoder = new CodecContext()
    encoder.allocContext3(codec)
    const sampleRate = nearestRate(codec, job.sampleRate ?? stream.codecpar.sampleRate)
    const layout = avChannelLayoutDefault(job.channels ?? stream.codecpar.channels)
    const format = codec.sampleFormats?.[0] ?? (1 as AVSampleFormat)
    encoder.sampleRate = sampleRate
    encoder.sampleFormat = format
    encoder.channelLayout = layout
    encoder.timeBase = new Rational(1, sampleRate)
    this.#track = new Track(output, encoder, codec)
    this.#sampleRate = sampleRate
    const range = [...(job.start === null ? [] : [`start=${job.start}`]), ...(job.end === null ? [] : [`end=${job.end}`])]
    const filters = [
      ...(range.length ? [`atrim=${range.join(':')}`, 'asetpts=PTS-STARTPTS'] : []),
      `aresample=${sampleRate}`,
      `aformat=sample_fmts=${avGetSampleFmtName(format)}:sample_rates=${sampleRate}:channel_layouts=${avChannelLayoutDescribe(layout)}`,
      ...(encoder.frameSize > 0 ? [`asetnsamples=n=${encoder.frameSize}:p=0`] : []),
    ]
    this.#frames = filteredFrames(openDecoder(stream, input), stream, packetsOf(context, stream.index), filters.join(','))
  }

  writeUntil(seconds: number): void {
    while (!this.#isOver && this.#samples / this.#sampleRate < seconds) {
      const { value: frame } = this.#frames.next()
      if (frame) {
        frame.pts = BigInt(this.#samples)
        this.#samples += frame.nbSamples
      } else this.#isOver = true
      this.#track.write(frame ?? null)
    }
  }
}

/** Some codecs know few rates: the next higher one loses nothing. */
function nearestRate(codec: Codec, wanted: number): number {
  const rates = codec.supportedSamplerates?.toSorted((left, right) => left - right) ?? []
  return rates.length === 0 || rates.includes(wanted) ? wanted : (rates.find((rate) => rate > wanted) ?? rates.at(-1)!)
}
