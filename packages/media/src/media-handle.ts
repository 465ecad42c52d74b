import { randomUUID } from 'node:crypto'
import { open, rename, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Media, MediaKind, MediaMetadata, MediaStore, MediaUrlOptions, Image, Pixels } from '@vivant/core'
import { readAll } from './content/read-all.ts'
import { writeFully } from './content/write-fully.ts'
import { withImage } from './image/open-image.ts'
import { rgbPixels } from './image/rgb-pixels.ts'
import { isStoreReference, keyOfReference } from './reference/media-key.ts'

/** Where handles find what they stand for. */
export interface MediaEnvironment {
  readonly store: MediaStore
  /** The row of `vivant.media`. */
  readonly metadata: (key: string) => Promise<MediaMetadata>
  /** Brings a reference that is not in the store there; gives its `vivant://` reference. See `resolveReference`. */
  readonly resolve: (reference: string, kind: MediaKind) => Promise<string>
}

/** A handle on a medium. Nothing is read, and a kept URL is not fetched, before one of its methods is called. */
export function createMediaHandle<K extends MediaKind>(reference: string, kind: K, environment: MediaEnvironment): Media<K> {
  return kind === 'image'
    ? (new ImageHandle(reference, 'image', environment) as Media<'image'> as Media as Media<K>)
    : new MediaHandle(reference, kind, environment)
}

/** What a handle of ours stands for as a file on this machine; null for another's. */
export async function localFileOf(media: Media): Promise<({ readonly path: string } & AsyncDisposable) | null> {
  return media instanceof MediaHandle ? media.localFile() : null
}

class MediaHandle<K extends MediaKind> implements Media<K> {
  readonly kind: K
  readonly reference: string
  // Private, so that a handle prints, compares and clones as what it names.
  readonly #environment: MediaEnvironment
  #key: Promise<string> | undefined

  constructor(reference: string, kind: K, environment: MediaEnvironment) {
    this.reference = reference
    this.kind = kind
    this.#environment = environment
  }

  readonly bytes = async (): Promise<Uint8Array> => readAll(await this.stream())

  readonly stream = async (): Promise<ReadableStream<Uint8Array>> => this.#environment.store.get(await this.#resolvedKey())

  /** Writes beside the file first: another reader of the path never sees half a medium. */
  readonly save = async (path: string): Promise<void> => {
    const stream = await this.stream()
    const partial = join(dirname(path), `.${randomUUID()}.partial`)
    try {
      {
        await using file = await open(partial, 'wx')
        for await (const chunk of stream) await writeFully(file, chunk)
      }
      await rename(partial, path)
    } catch (error) {
      await stream.cancel().catch(() => {})
      await unlink(partial).catch(() => {})
      throw error
    }
  }

  readonly url = async (options?: MediaUrlOptions): Promise<string> => this.#environment.store.url(await this.#resolvedKey(), options)

  readonly metadata = async (): Promise<MediaMetadata> => this.#environment.metadata(await this.#resolvedKey())

  /** A file on this machine with its bytes, for programs that need one. */
  async localFile(): Promise<{ readonly path: string } & AsyncDisposable> {
    return this.#environment.store.localFile(await this.#resolvedKey())
  }

  toString(): string {
    return this.reference
  }

  toJSON(): string {
    return this.reference
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `${this.kind.charAt(0).toUpperCase()}${this.kind.slice(1)}(${this.reference})`
  }

  /** Resolved once; a failure is not kept, since the next call may succeed. */
  #resolvedKey(): Promise<string> {
    this.#key ??= this.#resolve().catch((error: unknown) => {
      this.#key = undefined
      throw error
    })
    return this.#key
  }

  async #resolve(): Promise<string> {
    const { reference, kind } = this
    return keyOfReference(isStoreReference(reference) ? reference : await this.#environment.resolve(reference, kind))
  }
}

class ImageHandle extends MediaHandle<'image'> implements Image {
  readonly pixels = async (): Promise<Pixels> => withImage(await this.bytes(), rgbPixels)
}
