import type { FileHandle } from 'node:fs/promises'
import { throwIfAborted } from './throw-if-aborted.ts'

const chunkBytes = 256 * 1024

/**
 * The rest of an open regular file as a web stream, which closes the file at its end, on an error and when it is
 * cancelled. Such a file gives fewer bytes than asked for only at its end, so a small one takes a single read: the
 * threads that read are those that decode pictures, and each turn waits behind them.
 */
export function streamFile(file: FileHandle, options: { readonly signal?: AbortSignal | undefined } = {}): ReadableStream<Uint8Array> {
  const { signal } = options
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          throwIfAborted(signal)
          const buffer = new Uint8Array(chunkBytes)
          const { bytesRead } = await file.read(buffer, 0, chunkBytes)
          if (bytesRead > 0) controller.enqueue(bytesRead === chunkBytes ? buffer : buffer.slice(0, bytesRead))
          if (bytesRead === chunkBytes) return
          controller.close()
          await file.close()
        } catch (error) {
          await file.close().catch(() => {})
          throw error
        }
      },
      cancel: () => file.close(),
    },
    { highWaterMark: 0 },
  )
}
