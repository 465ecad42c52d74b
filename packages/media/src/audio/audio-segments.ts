import { type AudioType, type Column, iterator, type IteratorFunction, type JsonType, type MediaInput, type NumberType, t, VivantError } from '@vivant/core'
import { type AudioFormat, checkOptions, encodeSound } from '../video/extract-audio.ts'
import { rangesOf } from '../video/video-segments.ts'
import { findSilence, type Range, type SilenceOptions } from './find-silence.ts'
import { openAudio } from './open-audio.ts'

/** Either `seconds`, or `silence`, or both: parts between silences that are no longer than that. */
export interface AudioSegmentOptions {
  /** How long each is at most. */
  readonly seconds?: number
  /** Seconds that a segment shares with the one before. Default 0. */
  readonly overlap?: number
  /** Divides where it is silent, and leaves the silence out; `true` for the defaults. */
  readonly silence?: SilenceOptions | true
  /** What segments are stored as. Default `'wav'`. */
  readonly format?: AudioFormat
  readonly sampleRate?: number
  readonly channels?: number
}

export interface AudioSegment {
  readonly segment: MediaInput
  readonly start: number
  readonly end: number
}

export type AudioSegmentsIterator = IteratorFunction<
  readonly [Column<AudioType>, Column<JsonType<AudioSegmentOptions>>],
  { readonly segment: Column<AudioType>; readonly start: Column<NumberType>; readonly end: Column<NumberType> },
  AsyncGenerator<AudioSegment, void, undefined>
>

/**
 * Parts of a sound as sounds of their own: `segment`, `start` and `end` in seconds.
 *
 * ```ts
 * db.createView('parts', { of: talks, iterate: (talk) => segments(talk.recording, { seconds: 30, overlap: 2, sampleRate: 16_000, channels: 1 }) })
 * db.createView('utterances', { of: talks, iterate: (talk) => segments(talk.recording, { silence: { threshold: -45 } }) })
 * ```
 */
export const audioSegments: AudioSegmentsIterator = iterator(
  {
    name: 'audio.segments',
    version: 'segments 1',
    input: [t.audio(), t.json<AudioSegmentOptions>()],
    output: { segment: t.audio(), start: t.float(), end: t.float() },
    concurrency: 1,
    timeoutMs: 6 * 60 * 60 * 1000,
  },
  async function* (recording: MediaInput, options: AudioSegmentOptions, { signal }): AsyncGenerator<AudioSegment, void, undefined> {
    const { seconds, overlap = 0, silence, format, sampleRate, channels } = options
    if (seconds === undefined && silence === undefined) throw new VivantError('VALUE_INVALID', 'segments needs seconds, silence or both.')
    const form = {
      ...(format === undefined ? {} : { format }),
      ...(sampleRate === undefined ? {} : { sampleRate }),
      ...(channels === undefined ? {} : { channels }),
    }
    checkOptions(form)
    await using open = await openAudio(recording, signal)
    const parts =
      silence === undefined ? [{ start: 0, end: durationOf(open.probe.durationSeconds) }] : await soundsOf(open, silence === true ? {} : silence, signal)
    for (const part of parts) {
      for (const range of rangesOf(part.end - part.start, { seconds: seconds ?? Infinity, overlap })) {
        const [start, end] = [part.start + range.start, part.start + range.end]
        yield { segment: await encodeSound(open.decoder, open.path, { start, end, ...form }, signal), start, end }
      }
    }
  },
)

function durationOf(seconds: number | null): number {
  if (seconds === null) throw new VivantError('MEDIA_INVALID', 'The sound does not say how long it is, so it cannot be divided.')
  return seconds
}

/** What lies between silences. */
async function soundsOf(open: Parameters<typeof findSilence>[0], options: SilenceOptions, signal: AbortSignal): Promise<readonly Range[]> {
  const { silences, duration } = await findSilence(open, options, signal)
  const starts = [0, ...silences.map(({ end }) => end)]
  const ends = [...silences.map(({ start }) => start), duration]
  return starts.map((start, index) => ({ start, end: ends[index]! })).filter(({ start, end }) => end - start > 0.01)
}
