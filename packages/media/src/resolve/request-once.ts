import type { LookupAddress } from 'node:dns'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import type { LookupFunction } from 'node:net'
import { VivantError } from '@vivant/core'
import { throwIfAborted } from '../content/throw-if-aborted.ts'
import type { Network } from './network.ts'

export interface RequestOptions {
  readonly network: Network
  readonly addresses: readonly LookupAddress[]
  readonly signal: AbortSignal
  /** Without a byte for so long the connection is given up. */
  readonly idleTimeoutMs: number
  /** Beside those that every request has. */
  readonly headers: Readonly<Record<string, string>>
}

/** One GET, on a connection of its own to one of the given addresses. The certificate is checked against the URL's name. */
export async function requestOnce(url: URL, options: RequestOptions): Promise<IncomingMessage> {
  const { network, signal, idleTimeoutMs } = options
  const agent = new Agent({
    keepAlive: false,
    lookup: pinned(options.addresses),
    ...(network.certificateAuthority === undefined ? {} : { ca: network.certificateAuthority }),
  })
  const headers = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'vivant', ...options.headers }
  try {
    return await new Promise<IncomingMessage>((resolve, reject) => {
      const call = request(url, { agent, signal, headers, timeout: idleTimeoutMs, maxHeaderSize: 32_768 }, resolve)
      call.on('timeout', () => call.destroy(new Error(`no answer for ${idleTimeoutMs} ms`)))
      call.on('error', reject)
      call.end()
    })
  } catch (error) {
    throwIfAborted(signal)
    throw unreachable(url, error)
  }
}

export function unreachable(url: URL, error: unknown): VivantError {
  return new VivantError('MEDIA_UNREACHABLE', `${url.href} cannot be fetched: ${error instanceof Error ? error.message : String(error)}.`, { cause: error })
}

function pinned(addresses: readonly LookupAddress[]): LookupFunction {
  return (hostname, options, callback) => {
    const [first] = addresses
    if (first === undefined) return callback(new Error(`no address for ${hostname}`), '')
    if (options.all) callback(null, [...addresses])
    else callback(null, first.address, first.family)
  }
}
