/** The power of each frequency, from 0 up to half the sampling rate, of a window of 2^n real samples: Cooley and Tukey's transform, in place. */
export function powerSpectrum(window: Float64Array): Float64Array {
  const size = window.length
  const real = Float64Array.from(window)
  const imaginary = new Float64Array(size)
  for (let index = 1, reversed = 0; index < size; index++) {
    let bit = size >> 1
    for (; reversed & bit; bit >>= 1) reversed ^= bit
    reversed ^= bit
    if (index < reversed) [real[index], real[reversed]] = [real[reversed]!, real[index]!]
  }
  for (let length = 2; length <= size; length <<= 1) {
    for (let from = 0; from < size; from += length) {
      for (let k = 0; k < length / 2; k++) {
        const angle = (-2 * Math.PI * k) / length
        const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
        const [a, b] = [from + k, from + k + length / 2]
        const re = real[b]! * cos - imaginary[b]! * sin
        const im = real[b]! * sin + imaginary[b]! * cos
        real[b] = real[a]! - re
        imaginary[b] = imaginary[a]! - im
        real[a]! += re
        imaginary[a]! += im
      }
    }
  }
  return Float64Array.from({ length: size / 2 }, (_, k) => real[k]! ** 2 + imaginary[k]! ** 2)
}
