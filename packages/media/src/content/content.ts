import { createReadStream } from 'node:fs'

/** The whole content of a medium at hand: in memory, or as a file on this machine. */
export type Content = MemoryContent | FileContent

export interface MemoryContent {
  readonly bytes: Uint8Array
  readonly sizeBytes: number
}

export interface FileContent {
  readonly path: string
  readonly sizeBytes: number
}

export function memoryContent(bytes: Uint8Array): MemoryContent {
  return { bytes, sizeBytes: bytes.byteLength }
}

export function isMemoryContent(content: Content): content is MemoryContent {
  return 'bytes' in content
}

export async function* chunksOf(content: Content): AsyncGenerator<Uint8Array, void, undefined> {
  if (isMemoryContent(content)) yield content.bytes
  else yield* createReadStream(content.path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Uint8Array>
}
