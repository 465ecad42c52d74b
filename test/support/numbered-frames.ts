export interface FrameSize {
  readonly width: number
  readonly height: number
}

/** Bits of a frame's number, shown as squares, black or white. */
const bits = 16
const columns = 4

/**
 * Frames that tell their number: sixteen squares, black or white, are its bits, and a corner in colour tells how the picture
 * is turned. They survive any codec and rotation by quarters.
 */
export async function* numberedFrames(count: number, size: FrameSize, first: number = 0): AsyncGenerator<Uint8Array, void, undefined> {
  for (let number = first; number < first + count; number++) yield numberedFrame(number, size)
}

export function numberedFrame(number: number, { width, height }: FrameSize): Uint8Array {
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [column, row] = [Math.floor((x * columns) / width), Math.floor((y * columns) / height)]
      const bit = (number >> (row * columns + column)) & 1
      data.fill(bit ? 235 : 20, (y * width + x) * 3, (y * width + x) * 3 + 3)
    }
  }
  return data
}

/** The number that a decoded frame shows. */
export function numberOf({ data, width, height }: { readonly data: Uint8Array } & FrameSize): number {
  let number = 0
  for (let bit = 0; bit < bits; bit++) {
    const x = Math.floor(((bit % columns) + 0.5) * (width / columns))
    const y = Math.floor((Math.floor(bit / columns) + 0.5) * (height / columns))
    if (data[(y * width + x) * 3 + 1]! > 128) number |= 1 << bit
  }
  return number
}
