import { AV_PKT_DATA_DISPLAYMATRIX, AV_NOPTS_VALUE } from 'node-av/constants'
import { avGetCodecName, avGetPixFmtName, type Stream } from 'node-av/lib'
import type { AudioStream, MediaProbe, RawVideoStream } from '../media-probe.ts'
import type { ProbeJob } from './decoder-job.ts'
import { audioType, openMedium, streamOf, videoType } from './open-medium.ts'

/** What `describeVideoStream` completes. */
export type RawProbe = Omit<MediaProbe, 'video'> & { readonly video: RawVideoStream | null }

const microseconds = 1_000_000

export function probeMedium(job: ProbeJob): RawProbe {
  const context = openMedium(job.input)
  const [video, audio] = [streamOf(context, videoType), streamOf(context, audioType)]
  return {
    format: context.iformat?.name ?? 'unknown',
    durationSeconds: positive(secondsOf(context.duration, microseconds)),
    startSeconds: secondsOf(context.startTime, microseconds) ?? 0,
    bitRate: positive(Number(context.bitRate)),
    video: video ? videoStream(video) : null,
    audio: audio ? audioStream(audio) : null,
  }
}

function videoStream(stream: Stream): RawVideoStream {
  const { codecpar, timeBase } = stream
  const matrix = codecpar.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX)
  return {
    index: stream.index,
    codec: avGetCodecName(codecpar.codecId) ?? 'unknown',
    pixelFormat: avGetPixFmtName(codecpar.format as never),
    width: codecpar.width,
    height: codecpar.height,
    sampleAspect: plain(stream.sampleAspectRatio.num > 0 ? stream.sampleAspectRatio : codecpar.sampleAspectRatio),
    displayMatrix: matrix && matrix.byteLength >= 36 ? Array.from({ length: 9 }, (_, index) => matrix.readInt32LE(index * 4)) : null,
    frameRate: plain(stream.avgFrameRate),
    timeBase: plain(timeBase),
    startPts: stream.startTime === AV_NOPTS_VALUE ? null : Number(stream.startTime),
    durationSeconds: positive(secondsOf(stream.duration, timeBase.den / timeBase.num)),
    frameCount: positive(Number(stream.nbFrames)),
  }
}

function audioStream(stream: Stream): AudioStream {
  const { codecpar, timeBase } = stream
  return {
    index: stream.index,
    codec: avGetCodecName(codecpar.codecId) ?? 'unknown',
    sampleRate: codecpar.sampleRate,
    channels: codecpar.channels,
    durationSeconds: positive(secondsOf(stream.duration, timeBase.den / timeBase.num)),
  }
}

function plain({ num, den }: { readonly num: number; readonly den: number }): { readonly num: number; readonly den: number } {
  return { num, den }
}

function secondsOf(value: bigint, unitsPerSecond: number): number | null {
  return value === AV_NOPTS_VALUE ? null : Number(value) / unitsPerSecond
}

function positive(value: number | null): number | null {
  return value !== null && value > 0 ? value : null
}
