/** Bytes of values that a chunk may hold at once: memory is bounded whatever the size of a row. */
const maxChunkBytes = 32 * 1024 ** 2
/** Before anything is known of a table. */
const firstChunkRows = 64

interface Known {
  readonly msPerRow: number
  readonly bytesPerRow: number
  /** What a chunk takes however many rows it has: a decoder's start. */
  readonly startMs: number
}

/** A chunk takes so many times what its start takes, so that starting costs a tenth; but no longer than this. */
const startsWorth = 10
const longestMs = 20_000

/** Learns how long a row of a table takes in a pool and how large it is, so that a chunk takes about as long as it should and fits. */
export class Pace {
  readonly #known = new Map<string, Known>()

  /** Rows that take about `targetMs`, between 1 and `most`. */
  rows(key: string, targetMs: number, most: number): number {
    const known = this.#known.get(key)
    if (!known) return Math.min(most, firstChunkRows)
    const workMs = Math.max(targetMs, Math.min(known.startMs * startsWorth, longestMs))
    const byTime = workMs / Math.max(known.msPerRow, 0.0001)
    const bySize = maxChunkBytes / Math.max(known.bytesPerRow, 1)
    return Math.max(1, Math.min(most, Math.floor(Math.min(byTime, bySize))))
  }

  record(key: string, rows: number, ms: number, bytes: number, startMs: number = 0): void {
    if (rows === 0) return
    const before = this.#known.get(key)
    this.#known.set(key, {
      msPerRow: settle(before?.msPerRow, Math.max(0, ms - startMs) / rows),
      bytesPerRow: settle(before?.bytesPerRow, bytes / rows),
      startMs: settle(before?.startMs, startMs),
    })
  }
}

/** More counts at once, less bit by bit: a chunk that is too large is worse than one that is too small. */
function settle(before: number | undefined, measured: number): number {
  return before === undefined || measured > before ? measured : before * 0.7 + measured * 0.3
}
