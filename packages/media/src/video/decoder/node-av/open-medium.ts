import { AV_DISPOSITION_ATTACHED_PIC, AV_LOG_ERROR, AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_VIDEO, type AVMediaType } from 'node-av/constants'
import { Codec, CodecContext, FFmpegError, FormatContext, Log, Packet, type Stream } from 'node-av/lib'
import type { JobInput } from './decoder-job.ts'

/** What failed without ending the job. */
export const complaints: string[] = []

/** The libraries write what they complain of to stderr by themselves: a callback into JavaScript would only run when the job is over. */
export function complainOfErrorsOnly(): void {
  Log.setLevel(AV_LOG_ERROR)
}

export function openMedium(input: JobInput): FormatContext {
  const context = new FormatContext()
  context.allocContext()
  // Options are set on the objects: a dictionary that is given to a call is freed twice by node-av 6.
  FFmpegError.throwIfError(context.setOption('format_whitelist', input.formatWhitelist))
  FFmpegError.throwIfError(context.setOption('protocol_whitelist', input.protocolWhitelist))
  FFmpegError.throwIfError(context.openInputSync(`file:${input.path}`, null, null))
  FFmpegError.throwIfError(context.findStreamInfoSync(null))
  return context
}

/** The first stream of a kind that is no cover picture. */
export function streamOf(context: FormatContext, type: AVMediaType): Stream | undefined {
  return context.streams.find((stream) => stream.codecpar.codecType === type && !(stream.disposition & AV_DISPOSITION_ATTACHED_PIC))
}

export const videoType: AVMediaType = AVMEDIA_TYPE_VIDEO
export const audioType: AVMediaType = AVMEDIA_TYPE_AUDIO

export function openDecoder(stream: Stream, input: JobInput): CodecContext {
  const codec = Codec.findDecoder(stream.codecpar.codecId)
  if (!codec) throw new Error('there is no decoder for its codec')
  const decoder = new CodecContext()
  decoder.allocContext3(codec)
  FFmpegError.throwIfError(decoder.parametersToContext(stream.codecpar))
  decoder.pktTimebase = stream.timeBase
  decoder.threadCount = input.threads
  FFmpegError.throwIfError(decoder.setOption('max_pixels', String(input.maxPixels)))
  FFmpegError.throwIfError(decoder.open2Sync(codec, null))
  return decoder
}

/** Packets of one stream to its decoder; null after the last. Whether the file ended before its time is among the complaints. */
export function* packetsOf(context: FormatContext, streamIndex: number): Generator<Packet | null, void, undefined> {
  const packet = new Packet()
  packet.alloc()
  while (context.readFrameSync(packet) >= 0) {
    if (packet.streamIndex === streamIndex) yield packet
    packet.unref()
  }
  yield null
}
