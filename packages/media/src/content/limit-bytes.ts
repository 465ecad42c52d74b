import { VivantError } from '@vivant/core'
import { throwIfAborted } from './throw-if-aborted.ts'

export interface LimitOptions {
  readonly maxBytes: number
  readonly signal?: AbortSignal | undefined
  /** Names the source in the error: `the file ./a.jpg`. */
  readonly name?: string
}

/**
 * Passes the chunks on until there are more bytes than allowed (MEDIA_TOO_LARGE) or the signal is aborted (ABORTED),
 * also while the source keeps it waiting. The source is told to stop in either case.
 */
export async function* limitBytes(source: AsyncIterable<Uint8Array>, options: LimitOptions): AsyncGenerator<Uint8Array, void, undefined> {
  throwIfAborted(options.signal)
  const iterator = source[Symbol.asyncIterator]()
  let onAbort = () => {}
  const aborted = new Promise<void>((resolve) => (onAbort = resolve))
  options.signal?.addEventListener('abort', onAbort, { once: true })
  let sizeBytes = 0
  let ended = false
  try {
    while (true) {
      const next = iterator.next()
      const result = await Promise.race([next, aborted])
      if (result === undefined) {
        next.catch(() => {})
        throwIfAborted(options.signal)
        continue
      }
      if (result.done) {
        ended = true
        return
      }
      sizeBytes += result.value.byteLength
      if (sizeBytes > options.maxBytes) throw mediaTooLarge(options)
      if (result.value.byteLength > 0) yield result.value
    }
  } catch (error) {
    throwIfAborted(options.signal)
    throw error
  } finally {
    options.signal?.removeEventListener('abort', onAbort)
    // Not awaited: a generator that hangs in `next` answers `return` only after it.
    if (!ended) void Promise.resolve(iterator.return?.()).catch(() => {})
  }
}

export function mediaTooLarge({ maxBytes, name }: LimitOptions): VivantError {
  const subject = name === undefined ? 'the medium' : name
  const message = `${subject.charAt(0).toUpperCase()}${subject.slice(1)} has more than the ${maxBytes} bytes that are allowed: raise the limit (\`media.maxBytes\`) or store a smaller one.`
  return new VivantError('MEDIA_TOO_LARGE', message, { details: { maxBytes } })
}
