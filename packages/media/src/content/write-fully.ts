import type { FileHandle } from 'node:fs/promises'

/** Appends all of a chunk: one `write` may take only a part of it. */
export async function writeFully(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let offset = 0; offset < chunk.byteLength;) {
    const { bytesWritten } = await file.write(chunk, offset, chunk.byteLength - offset)
    offset += bytesWritten
  }
}
