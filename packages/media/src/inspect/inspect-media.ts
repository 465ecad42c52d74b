import { stat } from 'node:fs/promises'
import { type MediaKind, type MediaMetadata, VivantError } from '@vivant/core'
import { type Content, memoryContent } from '../content/content.ts'
import { throwIfAborted } from '../content/throw-if-aborted.ts'
import { checkContainer } from './check-container.ts'
import { isEncodedHere } from './encoded-images.ts'
import { hashContent } from './hash-content.ts'
import { inspectFilm } from './inspect-film.ts'
import { inspectImage, type InspectImageOptions } from './inspect-image.ts'
import { acceptedTypes, acceptsMimeType } from './media-type.ts'
import { sniffMediaType } from './sniff-media-type.ts'
import type { MediaHint } from './sniff-text.ts'

export interface InspectOptions extends MediaHint {
  /** A picture with more pixels is refused before it is decoded. Default 268,402,689 (16,383²), about 1 GB decoded. */
  readonly limitInputPixels?: number
  /** For decoding a picture. Default 60. */
  readonly timeoutSeconds?: number
  readonly signal?: AbortSignal | undefined
}

export const defaultLimitInputPixels: number = 0x3fff * 0x3fff

/**
 * Looks at a medium as a whole: what it is, told by its bytes, its hash, size and dimensions, and that it is what the
 * column declares. Pictures are decoded to the last pixel, the first frame of a video, the first second of a sound; documents are checked by their
 * container.
 *
 * @param input bytes, or the path of a file
 * @throws MEDIA_INVALID empty, of another kind, broken, or too many pixels: with the reason
 * @throws MEDIA_NOT_FOUND no such file
 * @example (await inspectMedia(bytes, 'image')).width
 */
export async function inspectMedia(input: Uint8Array | string, kind: MediaKind, options: InspectOptions = {}): Promise<MediaMetadata> {
  return inspectContent(typeof input === 'string' ? await fileContent(input) : memoryContent(input), kind, options)
}

/** The same for content that has been collected. */
export async function inspectContent(content: Content, kind: MediaKind, options: InspectOptions): Promise<MediaMetadata> {
  throwIfAborted(options.signal)
  if (content.sizeBytes === 0) throw invalid(kind, options, 'it is empty (0 bytes)')
  const { mimeType, extension, charset } = await sniffMediaType(content, options)
  if (!acceptsMimeType(kind, mimeType)) throw invalid(kind, options, `its content is ${mimeType}; ${acceptedTypes[kind]} was expected`)
  const reason = kind === 'file' || kind === 'image' ? null : await checkContainer(mimeType, content)
  if (reason !== null) throw invalid(kind, options, reason)
  const sha256 = await hashContent(content, options.signal)
  const image = kind === 'image' ? await inspectPicture(content, { mimeType, decode: !isEncodedHere(content, sha256) }, options) : null
  const film = kind === 'video' || kind === 'audio' ? await inspectLasting(content, kind, options) : null
  throwIfAborted(options.signal)
  return {
    sha256,
    extension,
    mimeType,
    sizeBytes: content.sizeBytes,
    width: image?.width ?? film?.width ?? null,
    height: image?.height ?? film?.height ?? null,
    durationSeconds: film?.durationSeconds ?? null,
    pageCount: null,
    details: image?.details ?? film?.details ?? (charset === undefined ? {} : { charset }),
  }
}

async function inspectPicture(
  content: Content,
  known: Pick<InspectImageOptions, 'mimeType' | 'decode'>,
  options: InspectOptions,
): ReturnType<typeof inspectImage> {
  const { limitInputPixels = defaultLimitInputPixels, timeoutSeconds = 60 } = options
  try {
    return await inspectImage(content, { ...known, limitInputPixels, timeoutSeconds })
  } catch (error) {
    throw invalid('image', options, error instanceof Error ? error.message : String(error), error)
  }
}

async function inspectLasting(content: Content, kind: 'video' | 'audio', options: InspectOptions): ReturnType<typeof inspectFilm> {
  try {
    return await inspectFilm(content, kind, options.signal)
  } catch (error) {
    if (error instanceof VivantError) throw error
    throw invalid(kind, options, error instanceof Error ? error.message : String(error), error)
  }
}

function invalid(kind: MediaKind, { name }: InspectOptions, reason: string, cause?: unknown): VivantError {
  const subject = name === undefined ? 'The medium' : JSON.stringify(name)
  return new VivantError('MEDIA_INVALID', `${subject} cannot be stored as ${kind}: ${reason}.`, {
    cause,
    details: { kind, reason, ...(name === undefined ? {} : { name }) },
  })
}

async function fileContent(path: string): Promise<Content> {
  try {
    return { path, sizeBytes: (await stat(path)).size }
  } catch (error) {
    throw new VivantError('MEDIA_NOT_FOUND', `There is no file ${path}.`, { cause: error, details: { path } })
  }
}
