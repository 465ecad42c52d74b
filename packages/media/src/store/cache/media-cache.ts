import { randomUUID } from 'node:crypto'
import { type FileHandle, link, mkdir, open, readdir, rename, stat, unlink, utimes } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import { VivantError } from '@vivant/core'
import { writeFully } from '../../content/write-fully.ts'

export interface MediaCacheOptions {
  /** On this machine; several of its processes may share it. */
  readonly folder: string
  /** What lies in the folder at most. */
  readonly maxBytes: number
}

export type LocalFile = { readonly path: string } & AsyncDisposable

interface Entry {
  readonly path: string
  readonly sizeBytes: number
  readonly usedAt: number
  /** A program reads it through a second link. */
  readonly inUse: boolean
}

const dayMs = 24 * 3_600_000

/**
 * Copies of media on this machine, bounded in bytes: what was used longest ago goes first, what is in use never. Room is
 * made before a byte is written, and what is being written counts. Each process looks at the folder again when it has
 * written a 32nd of the bound, so N processes together may go over it by (N − 1)/32.
 *
 * A file that is lent out is a hard link of its own: whichever process removes the entry meanwhile, the path stays good.
 */
export class MediaCache {
  readonly #folder: string
  readonly #parts: string
  readonly #lent: string
  readonly #maxBytes: number
  #prepared: Promise<void> | undefined
  /** As of the last look, with what was written since; null before the first. */
  #bytes: number | null = null
  #writtenSinceLook = 0
  /** What this process is writing, or will in a moment: on the disk it may not be yet. */
  #reserved = 0
  #room: Promise<unknown> = Promise.resolve()

  constructor({ folder, maxBytes }: MediaCacheOptions) {
    if (!Number.isSafeInteger(maxBytes) || maxBytes < 0)
      throw new VivantError('CONFIGURATION_INVALID', `media.cache.maxBytes is ${maxBytes}; a whole number of bytes is needed.`)
    this.#folder = resolve(folder)
    this.#parts = join(this.#folder, '.parts')
    this.#lent = join(this.#folder, '.lent')
    this.#maxBytes = maxBytes
  }

  /** The copy, opened, or null. */
  async open(key: string): Promise<FileHandle | null> {
    const path = join(this.#folder, key)
    const file = await open(path).catch(() => null)
    if (file) await touch(path)
    return file
  }

  /** A path with the copy that stays good until it is disposed, or null. */
  async lend(key: string): Promise<LocalFile | null> {
    const path = join(this.#lent, `${process.pid}-${randomUUID()}${extname(key)}`)
    try {
      await this.#prepare()
      await link(join(this.#folder, key), path)
    } catch {
      return null
    }
    await touch(path)
    return { path, [Symbol.asyncDispose]: () => remove(path) }
  }

  async remove(key: string): Promise<void> {
    await remove(join(this.#folder, key))
  }

  /** A copy that is being made. */
  async write(): Promise<CacheWriter> {
    await this.#prepare()
    const path = join(this.#parts, `${process.pid}-${randomUUID()}`)
    const file = await open(path, 'wx', 0o600)
    return new CacheWriter(file, {
      reserve: (bytes) => this.#inTurn(() => this.#makeRoom(bytes)),
      place: (name, bytes) =>
        this.#inTurn(async () => {
          await rename(path, join(this.#folder, name))
          this.#reserved -= bytes
        }),
      release: (bytes) =>
        this.#inTurn(async () => {
          await remove(path)
          this.#reserved -= bytes
          this.#bytes = (this.#bytes ?? 0) - bytes
        }),
    })
  }

  /** One after the other: two that see the same room would both take it. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#room.then(work)
    this.#room = turn.catch(() => {})
    return turn
  }

  /** Makes room for so many bytes more; false when all that is there is in use or being written. */
  async #makeRoom(bytes: number): Promise<boolean> {
    if (bytes > this.#maxBytes) return false
    if (this.#bytes === null || this.#bytes + bytes > this.#maxBytes || this.#writtenSinceLook > this.#maxBytes / 32) {
      const entries = await this.#look()
      let standing = entries.reduce((sum, entry) => sum + entry.sizeBytes, this.#reserved)
      for (const { path, sizeBytes, inUse } of entries.toSorted((a, b) => a.usedAt - b.usedAt)) {
        if (standing + bytes <= this.#maxBytes) break
        if (inUse) continue
        await remove(path)
        standing -= sizeBytes
      }
      this.#bytes = standing
      this.#writtenSinceLook = 0
    }
    if (this.#bytes + bytes > this.#maxBytes) return false
    this.#bytes += bytes
    this.#reserved += bytes
    this.#writtenSinceLook += bytes
    return true
  }

  async #look(): Promise<readonly Entry[]> {
    const [copies, parts] = await Promise.all([entriesOf(this.#folder), entriesOf(this.#parts)])
    const others = parts.filter(({ path }) => !basename(path).startsWith(`${process.pid}-`))
    return [...copies, ...others.map((part) => ({ ...part, inUse: true }))]
  }

  #prepare(): Promise<void> {
    this.#prepared ??= this.#open().catch((error: unknown) => {
      this.#prepared = undefined
      throw new VivantError('CONFIGURATION_INVALID', `The cache of media cannot be kept in ${this.#folder}: ${(error as Error).message}`, {
        cause: error,
      })
    })
    return this.#prepared
  }

  /** What processes left that have died goes: their parts, and what was lent to them. */
  async #open(): Promise<void> {
    for (const folder of [this.#parts, this.#lent]) {
      await mkdir(folder, { recursive: true })
      for (const name of await readdir(folder)) {
        const path = join(folder, name)
        const found = await stat(path).catch(() => null)
        // Another container that shares the folder counts its processes otherwise: a day is more than any use.
        if (found && Date.now() - found.ctimeMs > dayMs && !isAlive(Number.parseInt(name, 10))) await remove(path)
      }
    }
  }
}

interface WriterBase {
  readonly reserve: (bytes: number) => Promise<boolean>
  readonly place: (key: string, bytes: number) => Promise<void>
  readonly release: (bytes: number) => Promise<void>
}

/** A file beside the copies, which becomes one of them or goes. */
export class CacheWriter implements AsyncDisposable {
  readonly #file: FileHandle
  readonly #base: WriterBase
  #reservedBytes = 0
  #isOpen = true
  #isDone = false

  constructor(file: FileHandle, base: WriterBase) {
    this.#file = file
    this.#base = base
  }

  /** False when there is no room for it: then it is to be given up. */
  async write(chunk: Uint8Array): Promise<boolean> {
    if (!(await this.#base.reserve(chunk.byteLength))) return false
    this.#reservedBytes += chunk.byteLength
    await writeFully(this.#file, chunk)
    return true
  }

  /** Makes it the copy of a key. */
  async commit(key: string): Promise<void> {
    await this.#close()
    await this.#base.place(key, this.#reservedBytes)
    this.#isDone = true
  }

  /** Without a commit nothing stays. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close()
    if (this.#isDone) return
    this.#isDone = true
    await this.#base.release(this.#reservedBytes)
  }

  async #close(): Promise<void> {
    if (this.#isOpen) await this.#file.close()
    this.#isOpen = false
  }
}

async function entriesOf(folder: string): Promise<readonly Entry[]> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.'))
  const found = await Promise.all(
    names.map(async (name): Promise<Entry | null> => {
      const path = join(folder, name)
      const { size, mtimeMs, nlink } = (await stat(path).catch(() => null)) ?? { size: 0, mtimeMs: 0, nlink: 0 }
      return nlink === 0 ? null : { path, sizeBytes: size, usedAt: mtimeMs, inUse: nlink > 1 }
    }),
  )
  return found.filter((entry) => entry !== null)
}

async function touch(path: string): Promise<void> {
  const now = new Date()
  await utimes(path, now, now).catch(() => {})
}

async function remove(path: string): Promise<void> {
  await unlink(path).catch(() => {})
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
