import type { MediaProcess } from './media-process.ts'

/** A program's output in pieces of a wanted length. */
export class ExactChunks {
  readonly #chunks: AsyncGenerator<Buffer, void, undefined>
  #rest: Buffer = Buffer.alloc(0)

  constructor(process: MediaProcess) {
    this.#chunks = process.chunks()
  }

  /** Undefined at the end, also when less than `length` is left. */
  async take(length: number): Promise<Uint8Array | undefined> {
    const piece = new Uint8Array(length)
    let filled = 0
    while (true) {
      const used = Math.min(this.#rest.byteLength, length - filled)
      piece.set(this.#rest.subarray(0, used), filled)
      this.#rest = this.#rest.subarray(used)
      filled += used
      if (filled === length) return piece
      const { done, value } = await this.#chunks.next()
      if (done) return undefined
      this.#rest = value
    }
  }
}
