import ipaddr from 'ipaddr.js'

const global6 = ipaddr.IPv6.parseCIDR('2000::/3')

/** Addresses in public ranges that answer only inside a cloud: its host's services. */
const reservedByClouds: ReadonlySet<string> = new Set(['168.63.129.16'])

/**
 * Whether an IP address is one of the public internet: global unicast and nothing else. Private, loopback, link-local
 * (the clouds' metadata services), carrier-grade NAT, multicast, reserved and documentation ranges are not, nor are the
 * IPv6 ranges that carry an IPv4 address inside (mapped, compatible, NAT64, 6to4, Teredo), whatever that address is.
 * Anything that is no address is not public either.
 */
export function isPublicAddress(address: string): boolean {
  // A zone (`fe80::1%eth0`) binds an address to a link.
  if (!ipaddr.isValid(address) || address.includes('%')) return false
  const parsed = ipaddr.parse(address)
  if (parsed.range() !== 'unicast') return false
  if (parsed instanceof ipaddr.IPv6) return parsed.match(global6)
  return ipaddr.IPv4.isValidFourPartDecimal(address) && !reservedByClouds.has(address)
}
