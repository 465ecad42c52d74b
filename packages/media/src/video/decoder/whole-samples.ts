/** Pieces that end between samples. */
export async function* wholeSamples(chunks: AsyncIterable<Buffer>): AsyncGenerator<Float32Array, void, undefined> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const bytes = rest.byteLength === 0 ? chunk : Buffer.concat([rest, chunk])
    const whole = bytes.byteLength - (bytes.byteLength % 4)
    rest = bytes.subarray(whole)
    // A copy, as samples have to lie at multiples of four bytes.
    if (whole > 0) yield new Float32Array(new Uint8Array(bytes.subarray(0, whole)).buffer)
  }
}
