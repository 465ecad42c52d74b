import type { MediaInput } from '@vivant/core'
import { findDecoder } from '../video/decoder/find-decoder.ts'
import type { AudioStream, MediaProbe } from '../video/decoder/media-probe.ts'
import { invalidMedium } from '../video/decoder/media-process.ts'
import type { VideoDecoder } from '../video/decoder/video-decoder.ts'
import { openMediaFile } from '../video/open-video.ts'

export interface OpenAudio extends AsyncDisposable {
  readonly decoder: VideoDecoder
  readonly path: string
  readonly probe: MediaProbe
  readonly audio: AudioStream
}

/** Finds the sound in a medium, an audio file or a video. Throws MEDIA_INVALID where there is none. */
export async function openAudio(input: MediaInput, signal: AbortSignal | undefined): Promise<OpenAudio> {
  const decoder = await findDecoder()
  const file = await openMediaFile(input, signal)
  try {
    const probe = await decoder.probe(file.path, { signal })
    if (!probe.audio) throw invalidMedium('it has no sound')
    return { decoder, path: file.path, probe, audio: probe.audio, [Symbol.asyncDispose]: () => file[Symbol.asyncDispose]() }
  } catch (error) {
    await file[Symbol.asyncDispose]()
    throw error
  }
}
