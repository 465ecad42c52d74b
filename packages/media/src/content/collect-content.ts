import { randomUUID } from 'node:crypto'
import { type FileHandle, open, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Content } from './content.ts'
import { limitBytes, type LimitOptions } from './limit-bytes.ts'
import { concatBytes } from './read-all.ts'
import { writeFully } from './write-fully.ts'

/** Content above this goes to a temporary file instead of memory. */
export const memoryLimitBytes: number = 16 * 1024 * 1024

export interface CollectOptions extends LimitOptions {
  readonly memoryBytes?: number
}

/**
 * Reads a stream to its end: into memory while it is small, else into a temporary file that goes when the content is
 * disposed. A medium is checked as a whole before a byte of it reaches the store, so it has to lie somewhere first.
 */
export async function collectContent(source: AsyncIterable<Uint8Array>, options: CollectOptions): Promise<Content & AsyncDisposable> {
  const memoryBytes = options.memoryBytes ?? memoryLimitBytes
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  let spool: { readonly path: string; readonly file: FileHandle } | null = null
  try {
    for await (const chunk of limitBytes(source, options)) {
      sizeBytes += chunk.byteLength
      if (spool === null && sizeBytes > memoryBytes) {
        spool = await openSpool()
        for (const earlier of chunks.splice(0)) await writeFully(spool.file, earlier)
      }
      if (spool === null) chunks.push(chunk)
      else await writeFully(spool.file, chunk)
    }
    await spool?.file.close()
  } catch (error) {
    if (spool !== null) {
      await spool.file.close()
      await removeFile(spool.path)
    }
    throw error
  }
  if (spool === null) return { bytes: concatBytes(chunks), sizeBytes, [Symbol.asyncDispose]: async () => {} }
  const { path } = spool
  return { path, sizeBytes, [Symbol.asyncDispose]: () => removeFile(path) }
}

async function openSpool(): Promise<{ readonly path: string; readonly file: FileHandle }> {
  const path = join(tmpdir(), `vivant-${randomUUID()}.tmp`)
  return { path, file: await open(path, 'wx', 0o600) }
}

async function removeFile(path: string): Promise<void> {
  await unlink(path).catch(() => {})
}
