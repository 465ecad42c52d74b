import { randomUUID } from 'node:crypto'
import { unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Content, isMemoryContent } from './content.ts'

export interface LocalFile extends AsyncDisposable {
  readonly path: string
}

/** Content that lies in memory goes to a temporary file: decoders seek in it. */
export async function contentAsFile(content: Content): Promise<LocalFile> {
  if (!isMemoryContent(content)) return { path: content.path, [Symbol.asyncDispose]: async () => {} }
  const path = join(tmpdir(), `vivant-${randomUUID()}.media`)
  await writeFile(path, content.bytes, { flag: 'wx', mode: 0o600 })
  return { path, [Symbol.asyncDispose]: () => unlink(path).catch(() => {}) }
}
