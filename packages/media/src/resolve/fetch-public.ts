import type { IncomingMessage } from 'node:http'
import { VivantError } from '@vivant/core'
import { collectContent } from '../content/collect-content.ts'
import { mediaTooLarge } from '../content/limit-bytes.ts'
import type { MediaHint } from '../inspect/sniff-text.ts'
import { allowedUrl } from './allowed-url.ts'
import { decodedBody } from './decoded-body.ts'
import type { Network } from './network.ts'
import { pinnedAddresses } from './pinned-address.ts'
import type { ReadSource } from './read-source.ts'
import { requestOnce, type RequestOptions, unreachable } from './request-once.ts'
import type { SourceValidator } from './source-validator.ts'
import { statusError } from './status-error.ts'

export interface FetchLimits {
  readonly maxBytes: number
  readonly signal?: AbortSignal | undefined
  /** For all of it: names, redirects, body. Default 120,000. */
  readonly timeoutMs?: number
  /** Without a byte for so long. Default 20,000. */
  readonly idleTimeoutMs?: number
}

const maxRedirects = 5
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * Fetches a URL that somebody else wrote, from public hosts only; each redirect is checked as the first URL was. Nothing is sent if it is what
 * `known` says.
 */
export async function fetchPublic(
  text: string,
  limits: FetchLimits,
  network: Network,
  known: SourceValidator | null = null,
): Promise<ReadSource | 'unchanged'> {
  const { maxBytes, timeoutMs = 120_000, idleTimeoutMs = 20_000 } = limits
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(new VivantError('MEDIA_UNREACHABLE', `${text} took longer than ${timeoutMs} ms.`)), timeoutMs)
  const signal = limits.signal === undefined ? timeout.signal : AbortSignal.any([limits.signal, timeout.signal])
  try {
    const { url, response } = await follow(text, network, signal, { idleTimeoutMs, headers: conditionsOf(known) })
    response.setTimeout(idleTimeoutMs, () => response.destroy(new Error(`no byte for ${idleTimeoutMs} ms`)))
    try {
      if (response.statusCode === 304) return 'unchanged'
      if (Number(response.headers['content-length']) > maxBytes) throw mediaTooLarge({ maxBytes, name: url.href })
      const content = await collectContent(bodyOf(url, response), { maxBytes, signal, name: url.href })
      return { content, hint: hintOf(url, response), validator: validatorOf(response), [Symbol.asyncDispose]: () => content[Symbol.asyncDispose]() }
    } finally {
      response.destroy()
    }
  } finally {
    clearTimeout(timer)
  }
}

async function follow(
  text: string,
  network: Network,
  signal: AbortSignal,
  request: Pick<RequestOptions, 'idleTimeoutMs' | 'headers'>,
): Promise<{ readonly url: URL; readonly response: IncomingMessage }> {
  let url = allowedUrl(text, network)
  for (let hop = 0; ; hop++) {
    const addresses = await pinnedAddresses(url, network, signal)
    const response = await requestOnce(url, { network, addresses, signal, ...request })
    const status = response.statusCode ?? 0
    if (status === 200 || (status === 304 && Object.keys(request.headers).length > 0)) return { url, response }
    const { location } = response.headers
    response.destroy()
    if (!redirects.has(status) || location === undefined) throw statusError(url, status)
    if (hop === maxRedirects) throw new VivantError('MEDIA_NOT_FOUND', `${text} redirects more than ${maxRedirects} times.`)
    if (!URL.canParse(location, url.href)) throw new VivantError('MEDIA_NOT_FOUND', `${url.href} redirects to ${JSON.stringify(location)}, which is not a URL.`)
    url = allowedUrl(new URL(location, url.href).href, network)
  }
}

async function* bodyOf(url: URL, response: IncomingMessage): AsyncGenerator<Uint8Array, void, undefined> {
  const body = decodedBody(url, response)
  try {
    yield* body
  } catch (error) {
    throw unreachable(url, error)
  }
}

function hintOf(url: URL, response: IncomingMessage): MediaHint {
  return { name: url.pathname.split('/').at(-1) || undefined, mimeType: response.headers['content-type'] }
}

function conditionsOf(known: SourceValidator | null): Readonly<Record<string, string>> {
  const { etag, lastModified } = known ?? {}
  return { ...(etag === undefined ? {} : { 'if-none-match': etag }), ...(lastModified === undefined ? {} : { 'if-modified-since': lastModified }) }
}

function validatorOf({ headers }: IncomingMessage): SourceValidator | null {
  const { etag, 'last-modified': lastModified } = headers
  // An ETag is exact. A time has whole seconds: what changed within the second it was read in would go unseen.
  if (etag !== undefined) return { etag }
  return lastModified !== undefined && Date.now() - Date.parse(lastModified) > 60_000 ? { lastModified } : null
}
