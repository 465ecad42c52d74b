import { randomUUID } from 'node:crypto'
import { rename, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Image, MediaMetadata, MediaStore } from '@vivant/core'
import { memoryContent } from '../content/content.ts'
import { inspectMedia } from '../inspect/inspect-media.ts'
import { storeContent } from '../ingest/store-content.ts'
import { keyOfReference } from '../reference/media-key.ts'
import { encodeFrame, type RgbFrame } from './rgb-frame.ts'

export interface FrameHandleOptions {
  readonly read: () => Promise<RgbFrame>
  readonly store: MediaStore
}

const maxBytes = 1_000_000_000

/** A handle on a frame that is not stored: decoded when it is read, as a JPEG. */
export function createFrameHandle(reference: string, options: FrameHandleOptions): Image {
  return new FrameHandle(reference, options)
}

class FrameHandle implements Image {
  readonly kind = 'image'
  readonly reference: string
  readonly #options: FrameHandleOptions

  constructor(reference: string, options: FrameHandleOptions) {
    this.reference = reference
    this.#options = options
  }

  readonly pixels = (): Promise<RgbFrame> => this.#options.read()
  readonly bytes = async (): Promise<Uint8Array> => encodeFrame(await this.#options.read())
  readonly stream = async (): Promise<ReadableStream<Uint8Array>> => new Blob([new Uint8Array(await this.bytes())]).stream()
  readonly metadata = async (): Promise<MediaMetadata> => inspectMedia(await this.bytes(), 'image')

  /** Writes beside the file first: another reader of the path never sees half a picture. */
  readonly save = async (path: string): Promise<void> => {
    const partial = join(dirname(path), `.${randomUUID()}.partial`)
    try {
      await writeFile(partial, await this.bytes(), { flag: 'wx' })
      await rename(partial, path)
    } catch (error) {
      await unlink(partial).catch(() => {})
      throw error
    }
  }

  /** Whoever wants a URL wants a file behind it: its picture is stored. */
  readonly url = async (): Promise<string> => {
    const { store } = this.#options
    const { reference } = await storeContent(memoryContent(await this.bytes()), 'image', { store, maxBytes })
    return store.url(keyOfReference(reference))
  }

  toString(): string {
    return this.reference
  }

  toJSON(): string {
    return this.reference
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Image(${this.reference})`
  }
}
