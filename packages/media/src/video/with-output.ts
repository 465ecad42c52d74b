import { randomUUID } from 'node:crypto'
import { readFile, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The bytes of a file that `write` makes at a temporary path. */
export async function withOutput(extension: string, write: (path: string) => Promise<void>): Promise<Uint8Array> {
  const path = join(tmpdir(), `vivant-${randomUUID()}.${extension}`)
  try {
    await write(path)
    return await readFile(path)
  } finally {
    await unlink(path).catch(() => {})
  }
}
