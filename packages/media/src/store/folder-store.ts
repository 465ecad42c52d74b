import { createHash, randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, opendir, readdir, rename, stat, unlink, utimes, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type MediaPutOptions, type MediaStore, type StoredMedia, VivantError } from '@vivant/core'
import { limitBytes } from '../content/limit-bytes.ts'
import { streamFile } from '../content/stream-file.ts'
import { throwIfAborted } from '../content/throw-if-aborted.ts'
import { writeFully } from '../content/write-fully.ts'
import { parseMediaKey } from '../reference/media-key.ts'
import { changedContent } from './changed-content.ts'
import { folderError } from './folder-error.ts'

const staleAfterMs = 60 * 60 * 1000

/**
 * Media in a folder: `root/ab/cd/<abcd…>.<extension>`, one file for each content.
 *
 * A medium is written to a temporary file on the same volume while it is hashed, flushed to the disk and renamed into
 * its place, so a key that can be read has all its bytes, whatever happened in between; a crash leaves at most a
 * temporary file, which the first write after an hour removes. Any number of processes may share the folder.
 *
 * @throws MEDIA_TOO_LARGE, MEDIA_NOT_FOUND, MEDIA_INVALID (not a key), STORE_UNAVAILABLE (the disk is full), STORE_REFUSED (no right to it), ABORTED
 */
export function createFolderStore(root: string): MediaStore {
  return new FolderStore(resolve(root))
}

class FolderStore implements MediaStore {
  readonly #root: string
  readonly #temporary: string
  #opened: Promise<void> | undefined

  constructor(root: string) {
    this.#root = root
    this.#temporary = join(root, '.tmp')
  }

  async put(content: AsyncIterable<Uint8Array>, options: MediaPutOptions): Promise<StoredMedia> {
    parseMediaKey(`${options.sha256 ?? '0'.repeat(64)}.${options.extension}`)
    const path = join(this.#temporary, `${randomUUID()}.tmp`)
    try {
      await this.#open()
      const hash = createHash('sha256')
      let sizeBytes = 0
      {
        await using file = await open(path, 'wx')
        for await (const chunk of limitBytes(content, options)) {
          hash.update(chunk)
          sizeBytes += chunk.byteLength
          await writeFully(file, chunk)
        }
        await file.sync()
      }
      const sha256 = hash.digest('hex')
      if (options.sha256 !== undefined && options.sha256 !== sha256) throw changedContent()
      const key = `${sha256}.${options.extension}`
      await this.#place(path, this.#path(key), sizeBytes)
      return { key, sha256, sizeBytes }
    } catch (error) {
      await removeIfPresent(path).catch(() => {})
      throw folderError(error, this.#root)
    }
  }

  async get(key: string, options: { readonly signal?: AbortSignal } = {}): Promise<ReadableStream<Uint8Array>> {
    const path = this.#path(key)
    throwIfAborted(options.signal)
    return streamFile(await openForReading(path, key), options)
  }

  async has(key: string): Promise<boolean> {
    return (await sizeOf(this.#path(key))) !== null
  }

  async localFile(key: string): Promise<{ readonly path: string } & AsyncDisposable> {
    const path = this.#path(key)
    if ((await sizeOf(path)) === null) throw notFound(key)
    return { path, [Symbol.asyncDispose]: async () => {} }
  }

  async url(key: string): Promise<string> {
    return pathToFileURL(this.#path(key)).href
  }

  async delete(key: string): Promise<void> {
    await removeIfPresent(this.#path(key))
  }

  async *list(): AsyncGenerator<{ readonly key: string; readonly sizeBytes: number; readonly storedAt: Date }, void, undefined> {
    for (const first of await subfolders(this.#root)) {
      for (const second of await subfolders(join(this.#root, first))) {
        const folder = join(this.#root, first, second)
        for await (const entry of await opendir(folder)) {
          if (!isKeyIn(entry.name, first, second)) continue
          const found = await stat(join(folder, entry.name)).catch(ignoreMissing)
          if (found?.isFile()) yield { key: entry.name, sizeBytes: found.size, storedAt: found.mtime }
        }
      }
    }
  }

  async claim(database: string): Promise<readonly string[]> {
    const folder = join(this.#root, '.databases')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, database), '')
    return (await readdir(folder)).toSorted()
  }

  #path(key: string): string {
    const { sha256 } = parseMediaKey(key)
    return join(this.#root, sha256.slice(0, 2), sha256.slice(2, 4), key)
  }

  /** Renames the finished file into its place, where an equal one may stand already. */
  async #place(from: string, to: string, sizeBytes: number): Promise<void> {
    if ((await sizeOf(to)) === sizeBytes && (await touch(to))) return unlink(from)
    const folder = dirname(to)
    if (await mkdir(folder, { recursive: true })) {
      await flushFolder(this.#root)
      await flushFolder(dirname(folder))
    }
    await rename(from, to)
    await flushFolder(folder)
  }

  #open(): Promise<void> {
    this.#opened ??= this.#prepare().catch((error: unknown) => {
      this.#opened = undefined
      throw error
    })
    return this.#opened
  }

  async #prepare(): Promise<void> {
    await mkdir(this.#temporary, { recursive: true })
    for (const name of await readdir(this.#temporary)) {
      const path = join(this.#temporary, name)
      const found = await stat(path).catch(ignoreMissing)
      if (found?.isFile() && Date.now() - found.mtimeMs > staleAfterMs) await removeIfPresent(path)
    }
  }
}

function notFound(key: string, cause?: unknown): VivantError {
  return new VivantError('MEDIA_NOT_FOUND', `The media store has no ${key}.`, { cause, details: { key } })
}

async function openForReading(path: string, key: string): Promise<FileHandle> {
  try {
    return await open(path)
  } catch (error) {
    throw isMissing(error) ? notFound(key, error) : error
  }
}

async function sizeOf(path: string): Promise<number | null> {
  const found = await stat(path).catch(ignoreMissing)
  return found?.isFile() ? found.size : null
}

/** Makes a medium that is stored again as young as a new one, so that a sweep of old ones spares it. False if it has gone. */
async function touch(path: string): Promise<boolean> {
  const now = new Date()
  return utimes(path, now, now).then(
    () => true,
    (error: unknown) => ignoreMissing(error) ?? false,
  )
}

async function removeIfPresent(path: string): Promise<void> {
  await unlink(path).catch(ignoreMissing)
}

async function subfolders(path: string): Promise<readonly string[]> {
  const names = await readdir(path).catch(ignoreMissing)
  return (names ?? []).filter((name) => /^[0-9a-f]{2}$/.test(name)).toSorted()
}

function isKeyIn(name: string, first: string, second: string): boolean {
  return /^[0-9a-f]{64}\.[a-z0-9]{1,16}$/.test(name) && name.startsWith(first + second)
}

/** Makes a rename or a new entry durable. Windows cannot open folders and needs no such thing. */
async function flushFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  await using folder = await open(path)
  await folder.sync()
}

function ignoreMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
