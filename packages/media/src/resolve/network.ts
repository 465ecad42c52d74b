import { lookup } from 'node:dns/promises'
import type { LookupAddress } from 'node:dns'
import { isPublicAddress } from './public-address.ts'

/**
 * What `fetchPublic` knows of the network. The package exports neither this nor a way to pass another one: only tests
 * of this folder do, to reach a server on this machine.
 */
export interface Network {
  readonly lookup: (hostname: string) => Promise<readonly LookupAddress[]>
  readonly isAllowedAddress: (address: string) => boolean
  /** The only port that is asked. */
  readonly port: number
  /** Certificate authorities instead of the system's. */
  readonly certificateAuthority?: string
}

export const publicNetwork: Network = Object.freeze({
  lookup: (hostname: string) => lookup(hostname, { all: true, verbatim: true }),
  isAllowedAddress: isPublicAddress,
  port: 443,
})
