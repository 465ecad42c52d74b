import { randomUUID } from 'node:crypto'
import { open, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeFully } from '../content/write-fully.ts'

/** A stream's bytes as a file that goes when it is disposed. */
export async function saveTemporarily(source: AsyncIterable<Uint8Array>, extension: string): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = join(tmpdir(), `vivant-${randomUUID()}.${extension}`)
  try {
    await using file = await open(path, 'wx', 0o600)
    for await (const chunk of source) await writeFully(file, chunk)
  } catch (error) {
    await unlink(path).catch(() => {})
    throw error
  }
  return { path, [Symbol.asyncDispose]: () => unlink(path).catch(() => {}) }
}
