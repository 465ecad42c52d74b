import { isVivantError, type MediaKind } from '@vivant/core'
import { contentAsFile } from '../content/content-as-file.ts'
import type { Content } from '../content/content.ts'
import { findDecoder } from '../video/decoder/find-decoder.ts'
import type { MediaProbe } from '../video/decoder/media-probe.ts'
import type { VideoDecoder } from '../video/decoder/video-decoder.ts'

export interface InspectedFilm {
  /** Of a video, as it is seen. */
  readonly width: number | null
  readonly height: number | null
  readonly durationSeconds: number | null
  readonly details: Readonly<Record<string, unknown>>
}

/**
 * Opens a video or a sound and decodes its beginning; throws what is wrong with it. The whole is not decoded: an hour of
 * video would take minutes. What reads its frames finds what is damaged further on.
 */
export async function inspectFilm(content: Content, kind: MediaKind, signal: AbortSignal | undefined): Promise<InspectedFilm> {
  const decoder = await findDecoder()
  await using file = await contentAsFile(content)
  try {
    const probe = await decoder.probe(file.path, { signal })
    await decodeBeginning(decoder, file.path, probe, kind, signal)
    const { video, audio } = probe
    return {
      width: video?.width ?? null,
      height: video?.height ?? null,
      durationSeconds: probe.durationSeconds ?? video?.durationSeconds ?? audio?.durationSeconds ?? null,
      details: detailsOf(probe),
    }
  } catch (error) {
    if (isVivantError(error, 'MEDIA_INVALID'))
      throw new Error(typeof error.details['reason'] === 'string' ? error.details['reason'] : error.message, { cause: error })
    throw error
  }
}

async function decodeBeginning(
  decoder: VideoDecoder,
  path: string,
  { video, audio }: MediaProbe,
  kind: MediaKind,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (kind === 'video') {
    if (!video) throw new Error(audio ? 'it has sound but no video' : 'it has no video')
    for await (const _ of decoder.readFrames(path, { video, select: { index: [0] } }, { signal })) return
    throw new Error('not one of its frames can be decoded')
  }
  if (!audio) throw new Error(video ? 'it is a video without sound' : 'it has no sound')
  for await (const _ of decoder.readSamples(path, { sampleRate: audio.sampleRate, channels: 1, end: 1 }, { signal })) return
  throw new Error('its sound cannot be decoded')
}

function detailsOf({ format, bitRate, video, audio }: MediaProbe): Readonly<Record<string, unknown>> {
  return {
    format,
    ...(bitRate === null ? {} : { bitRate }),
    ...(video
      ? {
          video: {
            codec: video.codec,
            ...(video.pixelFormat === null ? {} : { pixelFormat: video.pixelFormat }),
            ...(video.frameRate === null ? {} : { frameRate: video.frameRate }),
            ...(video.frameCount === null ? {} : { frameCount: video.frameCount }),
            ...(video.rotation === 0 ? {} : { rotation: video.rotation }),
          },
        }
      : {}),
    ...(audio ? { audio: { codec: audio.codec, sampleRate: audio.sampleRate, channels: audio.channels } } : {}),
  }
}
