import { open } from 'node:fs/promises'
import { type Content, isMemoryContent } from './content.ts'

/** Up to `length` bytes from `offset`; fewer at the end. */
export async function readRange(content: Content, offset: number, length: number): Promise<Uint8Array> {
  if (isMemoryContent(content)) return content.bytes.subarray(offset, offset + length)
  await using file = await open(content.path)
  const buffer = new Uint8Array(Math.max(0, Math.min(length, content.sizeBytes - offset)))
  let filled = 0
  while (filled < buffer.byteLength) {
    const { bytesRead } = await file.read(buffer, filled, buffer.byteLength - filled, offset + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}
