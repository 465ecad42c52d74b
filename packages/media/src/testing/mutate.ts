/** A damaged copy: cut off, bytes changed, put in, left out or overwritten. */
export function mutate(bytes: Buffer, random: () => number): Buffer {
  const at = (limit: number) => Math.floor(random() * limit)
  const copy = Buffer.from(bytes)
  switch (at(5)) {
    case 0:
      return copy.subarray(0, at(copy.length))
    case 1:
      for (let flips = 1 + at(8); flips > 0; flips--) copy[at(copy.length)] = at(256)
      return copy
    case 2:
      return Buffer.concat([copy.subarray(0, at(copy.length)), Buffer.from(Array.from({ length: 1 + at(60) }, () => at(256))), copy.subarray(at(copy.length))])
    case 3:
      return Buffer.concat([copy.subarray(0, at(40)), copy.subarray(at(copy.length))])
    default: {
      const [from, length] = [at(Math.min(200, copy.length)), 1 + at(12)]
      return copy.fill(at(2) * 255, from, Math.min(from + length, copy.length))
    }
  }
}

/** Numbers from 0 to 1 that a seed repeats. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
}
