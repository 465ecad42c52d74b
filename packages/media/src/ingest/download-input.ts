import { VivantError } from '@vivant/core'
import { mediaTooLarge } from '../content/limit-bytes.ts'
import { throwIfAborted } from '../content/throw-if-aborted.ts'
import type { MediaHint } from '../inspect/sniff-text.ts'
import { statusError } from '../resolve/status-error.ts'
import type { OpenInputOptions } from './open-input.ts'

/** Asks for a URL with the caller's own rights: any host, http too, redirects followed as everywhere. */
export async function downloadInput(url: URL, options: OpenInputOptions): Promise<{ readonly body: AsyncIterable<Uint8Array>; readonly hint: MediaHint }> {
  const { fetch = globalThis.fetch, signal, maxBytes } = options
  const response = await fetch(url, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    throwIfAborted(signal)
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    throw new VivantError('MEDIA_UNREACHABLE', `${url.href} cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}`, { cause: error })
  })
  if (!response.ok) {
    await response.body?.cancel()
    throw statusError(url, response.status)
  }
  if (Number(response.headers.get('content-length')) > maxBytes) {
    await response.body?.cancel()
    throw mediaTooLarge({ maxBytes, name: url.href })
  }
  const name = new URL(response.url || url).pathname.split('/').at(-1)
  return { body: readBody(url, response.body), hint: { name: name || undefined, mimeType: response.headers.get('content-type') ?? undefined } }
}

async function* readBody(url: URL, body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array, void, undefined> {
  if (body === null) return
  try {
    yield* body
  } catch (error) {
    throw new VivantError('MEDIA_UNREACHABLE', `${url.href}: the connection broke before the end.`, { cause: error })
  }
}
