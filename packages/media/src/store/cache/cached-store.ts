import { isVivantError, type MediaPutOptions, type MediaStore, type MediaUrlOptions, type StoredMedia } from '@vivant/core'
import { streamFile } from '../../content/stream-file.ts'
import { parseMediaKey } from '../../reference/media-key.ts'
import type { CacheWriter, LocalFile, MediaCache } from './media-cache.ts'

/**
 * A store elsewhere with copies on this machine: what was read or written is read from here. The cache is a convenience: where
 * it cannot be written (a full disk), media go past it.
 */
export class CachedStore implements MediaStore {
  readonly #store: MediaStore
  readonly #cache: MediaCache
  /** Files that several ask for at once are fetched once. */
  readonly #fetching = new Map<string, Promise<unknown>>()

  constructor(store: MediaStore, cache: MediaCache) {
    this.#store = store
    this.#cache = cache
  }

  async put(content: AsyncIterable<Uint8Array>, options: MediaPutOptions): Promise<StoredMedia> {
    await using copy = await this.#cache.write().catch(() => null)
    const copied = { all: false }
    const stored = await this.#store.put(copying(content, copy, copied), options)
    // A store that had it already may not have read it.
    if (copied.all) await copy?.commit(stored.key).catch(() => {})
    return stored
  }

  async get(key: string, options: { readonly signal?: AbortSignal } = {}): Promise<ReadableStream<Uint8Array>> {
    parseMediaKey(key)
    const copy = await this.#cache.open(key)
    if (copy) return streamFile(copy, options)
    return ReadableStream.from(this.#fetched(key, await this.#store.get(key, options)))
  }

  has(key: string): Promise<boolean> {
    return this.#store.has(key)
  }

  async localFile(key: string): Promise<LocalFile> {
    parseMediaKey(key)
    for (;;) {
      const lent = await this.#cache.lend(key)
      if (lent) return lent
      const others = this.#fetching.get(key)
      if (others === undefined) return this.#fetchFile(key)
      // Where there was no room for it, one after the other fetches for himself.
      await others
    }
  }

  url(key: string, options?: MediaUrlOptions): Promise<string> {
    return this.#store.url(key, options)
  }

  async delete(key: string): Promise<void> {
    await this.#store.delete(key)
    await this.#cache.remove(key)
  }

  list(): ReturnType<MediaStore['list']> {
    return this.#store.list()
  }

  async claim(database: string): Promise<readonly string[]> {
    return (await this.#store.claim?.(database)) ?? [database]
  }

  async #fetchFile(key: string): Promise<LocalFile> {
    const work = this.#downloaded(key)
    const ended = Promise.allSettled([work])
    this.#fetching.set(key, ended)
    try {
      return await work
    } finally {
      if (this.#fetching.get(key) === ended) this.#fetching.delete(key)
    }
  }

  /** Through the cache, or past it where it has no room. */
  async #downloaded(key: string): Promise<LocalFile> {
    return ((await this.#copied(key).catch(ignoreOwnErrors)) ? await this.#cache.lend(key) : null) ?? (await this.#store.localFile(key))
  }

  async #copied(key: string): Promise<boolean> {
    await using copy = await this.#cache.write()
    for await (const chunk of await this.#store.get(key)) if (!(await copy.write(chunk))) return false
    await copy.commit(key)
    return true
  }

  async *#fetched(key: string, source: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    await using copy = await this.#cache.write().catch(() => null)
    const copied = { all: false }
    yield* copying(source, copy, copied)
    if (copied.all) await copy?.commit(key).catch(() => {})
  }
}

/** Passes chunks on and writes them down beside; a copy that cannot be written, or for which there is no room, is given up. */
async function* copying(source: AsyncIterable<Uint8Array>, copy: CacheWriter | null, copied: { all: boolean }): AsyncGenerator<Uint8Array, void, undefined> {
  let isWriting = copy !== null
  for await (const chunk of source) {
    if (isWriting && copy) {
      isWriting = await copy.write(chunk).catch(() => false)
    }
    yield chunk
  }
  copied.all = isWriting
}

/** What a store says is for its user; a full disk under the cache is not. */
function ignoreOwnErrors(error: unknown): false {
  if (isVivantError(error) && error.code !== 'CONFIGURATION_INVALID') throw error
  return false
}
