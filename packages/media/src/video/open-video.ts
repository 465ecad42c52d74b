import { isMedia, type MediaInput } from '@vivant/core'
import { contentAsFile, type LocalFile } from '../content/content-as-file.ts'
import { openInput } from '../ingest/open-input.ts'
import { localFileOf } from '../media-handle.ts'
import { findDecoder } from './decoder/find-decoder.ts'
import { invalidMedium } from './decoder/media-process.ts'
import type { DecodeOptions } from './decoder/video-decoder.ts'
import type { OpenVideo } from './frame-stamps.ts'

/** Of what is given by bytes, a path or a URL. */
const maxBytes = 64 * 1024 ** 3

/** A medium as a file on this machine. */
export async function openMediaFile(input: MediaInput, signal: AbortSignal | undefined): Promise<LocalFile> {
  if (isMedia(input)) {
    const own = await localFileOf(input)
    if (own) return own
    return openMediaFile(await input.stream(), signal)
  }
  const opened = await openInput(input, { maxBytes, signal })
  try {
    const file = await contentAsFile(opened.content)
    return {
      path: file.path,
      async [Symbol.asyncDispose]() {
        await file[Symbol.asyncDispose]()
        await opened[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await opened[Symbol.asyncDispose]()
    throw error
  }
}

/** Finds the decoder and the video in a file. Throws MEDIA_INVALID where there is none. */
export async function openVideo(path: string, options: DecodeOptions = {}): Promise<OpenVideo> {
  const decoder = await findDecoder()
  const probe = await decoder.probe(path, options)
  if (!probe.video) throw invalidMedium(probe.audio ? 'it has sound but no video' : 'it has no video')
  if (!(probe.video.width > 0 && probe.video.height > 0)) throw invalidMedium('the size of its pictures is not known')
  return { decoder, path, probe, video: probe.video }
}
