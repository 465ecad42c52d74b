import { isIP } from 'node:net'
import { VivantError } from '@vivant/core'
import type { Network } from './network.ts'

/** Names that no public DNS knows; a resolver may complete or answer them within its own network. */
const localNames = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|home\.arpa|in-addr\.arpa|ip6\.arpa)$/

/** Checks a URL as far as that goes without DNS. Its host is an address that is allowed, or a name. */
export function allowedUrl(text: string, network: Network): URL {
  if (!URL.canParse(text)) throw new VivantError('MEDIA_INVALID', `${JSON.stringify(text)} is not a valid URL.`)
  const url = new URL(text)
  if (url.protocol !== 'https:') throw notAllowed(url, `${url.protocol}// is not fetched`)
  if (url.username !== '' || url.password !== '') throw notAllowed(url, 'it carries a user name or password')
  if (Number(url.port || 443) !== network.port) throw notAllowed(url, `port ${url.port || 443} is not asked, only ${network.port}`)
  const host = hostOf(url)
  if (isIP(host) !== 0) {
    if (!network.isAllowedAddress(host)) throw notAllowed(url, `${host} is not a public address`)
  } else if (!host.includes('.') || localNames.test(host)) {
    throw notAllowed(url, `${host} is a name of a local network`)
  }
  url.hash = ''
  return url
}

/** The host as DNS and `isIP` take it: IPv6 without brackets, no dot at the end. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
}

export function notAllowed(url: URL, reason: string): VivantError {
  const shown = new URL(url)
  shown.username = ''
  shown.password = ''
  return new VivantError(
    'MEDIA_NOT_ALLOWED',
    `${shown.href} came by SQL and is not fetched: ${reason}. Only public https:// hosts are. Insert it through the API, which reads it with your own rights.`,
    { details: { url: shown.href, reason } },
  )
}
