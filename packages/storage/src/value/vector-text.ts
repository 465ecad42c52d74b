import { floatText } from './float-text.ts'

const [minus, comma, zero, exponent] = [45, 44, 48, 101]
/** Longest of an element: sign, 9 digits, `e-12`, comma; other numbers are written by JavaScript, in at most 25 characters. */
const elementSize = 26
let scratch = Buffer.allocUnsafeSlow(512 * elementSize)

/**
 * A vector in pgvector's text form. Nine significant digits tell every 32-bit float from its neighbours; JavaScript would print
 * up to seventeen, as it takes the number for a 64-bit one, and that is most of the cost of storing an embedding.
 *
 * @example
 * vectorText(Float32Array.of(0.25, -1.5))   // '[250000000e-9,-1.5]'
 */
export function vectorText(value: Float32Array | readonly number[]): string {
  if (scratch.length < value.length * elementSize) scratch = Buffer.allocUnsafeSlow(value.length * elementSize)
  let end = 0
  for (let index = 0; index < value.length; index++) {
    if (index !== 0) scratch[end++] = comma
    end = writeElement(value[index] as number, end)
  }
  return `[${scratch.toString('latin1', 0, end)}]`
}

function writeElement(value: number, start: number): number {
  const size = Math.abs(value)
  // The sizes that the elements of embeddings have: 10^-4 to 1.
  const digits = size >= 1 ? 0 : size >= 0.1 ? 9 : size >= 0.01 ? 10 : size >= 0.001 ? 11 : size >= 0.0001 ? 12 : 0
  if (digits === 0) return start + scratch.write(floatText(value), start, 'latin1')
  let end = start
  if (value < 0) scratch[end++] = minus
  end = writeWhole(Math.round(size * (digits === 9 ? 1e9 : digits === 10 ? 1e10 : digits === 11 ? 1e11 : 1e12)), end)
  scratch[end++] = exponent
  scratch[end++] = minus
  return writeWhole(digits, end)
}

function writeWhole(value: number, start: number): number {
  let length = 1
  for (let limit = 10; value >= limit; limit *= 10) length++
  let rest = value
  for (let at = start + length - 1; at >= start; at--) {
    const next = (rest / 10) | 0
    scratch[at] = zero + (rest - next * 10)
    rest = next
  }
  return start + length
}
