import { VivantError } from '@vivant/core'
import { withImage } from './open-image.ts'

const side = 32
const kept = 8

/**
 * 64 bits of what a picture looks like, as 16 hexadecimal digits: pHash (Zauner 2010), the signs of the lowest 8 × 8
 * frequencies of a 32 × 32 grey picture against their median. Copies in another size, format or quality differ in few
 * bits (`hashDistance`), others in about half.
 *
 * @throws MEDIA_INVALID
 */
export async function perceptualHash(bytes: Uint8Array, signal?: AbortSignal): Promise<string> {
  const pixels = await withImage(
    bytes,
    (picture) => picture.flatten({ background: '#ffffff' }).resize({ width: side, height: side, fit: 'fill' }).greyscale().raw({ depth: 'uchar' }).toBuffer(),
    signal,
  )
  const frequencies: number[] = []
  for (let v = 0; v < kept; v++) {
    for (let u = 0; u < kept; u++) {
      let sum = 0
      for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) sum += pixels[y * side + x]! * cosines[u * side + x]! * cosines[v * side + y]!
      frequencies.push(sum)
    }
  }
  // The first says only how bright the picture is.
  const sorted = frequencies.slice(1).toSorted((one, other) => one - other)
  const median = sorted[Math.floor(sorted.length / 2)]!
  let hash = 0n
  for (const frequency of frequencies) hash = (hash << 1n) | (frequency > median ? 1n : 0n)
  return hash.toString(16).padStart(16, '0')
}

const cosines = Float64Array.from({ length: kept * side }, (_, index) => Math.cos(((2 * (index % side) + 1) * Math.floor(index / side) * Math.PI) / (2 * side)))

/** In how many of their 64 bits two hashes differ: below about 10 the pictures are copies. Throws VALUE_INVALID. */
export function hashDistance(one: string, other: string): number {
  let difference = parseHash(one) ^ parseHash(other)
  let bits = 0
  for (; difference > 0n; difference &= difference - 1n) bits++
  return bits
}

function parseHash(hash: string): bigint {
  if (!/^[0-9a-f]{16}$/i.test(hash))
    throw new VivantError('VALUE_INVALID', `${JSON.stringify(hash.slice(0, 40))} is no perceptual hash: 16 hexadecimal digits.`)
  return BigInt(`0x${hash}`)
}
