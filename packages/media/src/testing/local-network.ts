import type { LookupAddress } from 'node:dns'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Network } from '../resolve/network.ts'
import { isPublicAddress } from '../resolve/public-address.ts'
import { selfSignedCertificate } from './self-signed-certificate.ts'

export interface LocalNetwork extends AsyncDisposable {
  /** Public addresses, and this machine for the names of the server. */
  readonly network: Network
  /** `https://pictures.example.com:<port>` */
  readonly origin: string
  readonly port: number
  /** Names that were asked for. */
  readonly lookups: string[]
}

const host = 'pictures.example.com'

/**
 * A TLS server on this machine, and a network in which `pictures.example.com` is its name and 127.0.0.1 alone is
 * allowed besides the public addresses. `names` adds others.
 */
export async function localNetwork(answer: RequestListener, names: Readonly<Record<string, () => readonly string[]>> = {}): Promise<LocalNetwork> {
  const { key, cert } = selfSignedCertificate([host, 'other.example.com'])
  const server = createServer({ key, cert }, answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const lookups: string[] = []
  const known: Readonly<Record<string, () => readonly string[]>> = { [host]: () => ['127.0.0.1'], 'other.example.com': () => ['127.0.0.1'], ...names }
  const network: Network = {
    lookup: async (name): Promise<readonly LookupAddress[]> => {
      lookups.push(name)
      const addresses = known[name]?.()
      if (addresses === undefined) throw new Error(`getaddrinfo ENOTFOUND ${name}`)
      return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    },
    isAllowedAddress: (address) => address === '127.0.0.1' || isPublicAddress(address),
    port,
    certificateAuthority: cert,
  }
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { network, origin: `https://${host}:${port}`, port, lookups, [Symbol.asyncDispose]: close }
}
