import type { LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import { VivantError } from '@vivant/core'
import { throwIfAborted } from '../content/throw-if-aborted.ts'
import { hostOf, notAllowed } from './allowed-url.ts'
import type { Network } from './network.ts'

/**
 * The addresses to connect to, each checked; the connection is then made to these and not to what DNS may say a moment
 * later. One address that is not public among several condemns the name: no honest one has both.
 */
export async function pinnedAddresses(url: URL, network: Network, signal: AbortSignal): Promise<readonly LookupAddress[]> {
  const host = hostOf(url)
  const family = isIP(host)
  if (family !== 0) return [{ address: host, family }]
  const addresses = await abortable(network.lookup(host), signal).catch((error: unknown) => {
    throwIfAborted(signal)
    throw new VivantError('MEDIA_UNREACHABLE', `${url.href}: the name ${host} cannot be resolved.`, { cause: error })
  })
  if (addresses.length === 0) throw new VivantError('MEDIA_UNREACHABLE', `${url.href}: the name ${host} has no address.`)
  const forbidden = addresses.find(({ address }) => !network.isAllowedAddress(address))
  if (forbidden) throw notAllowed(url, `${host} leads to ${forbidden.address}, which is not a public address`)
  return addresses
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new Error('aborted', { cause: signal.reason }))
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
