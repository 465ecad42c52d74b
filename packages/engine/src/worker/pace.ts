/** Learns how long a row of a table takes in a pool, so that a chunk of rows takes about as long as it should. */
export class Pace {
  readonly #msPerRow = new Map<string, number>()

  /** Rows that take about `targetMs`, between 1 and `most`. */
  rows(key: string, targetMs: number, most: number): number {
    const pace = this.#msPerRow.get(key)
    if (pace === undefined) return Math.min(most, 256)
    return Math.max(1, Math.min(most, Math.floor(targetMs / Math.max(pace, 0.0001))))
  }

  record(key: string, rows: number, ms: number): void {
    if (rows === 0) return
    const measured = ms / rows
    const before = this.#msPerRow.get(key)
    // slower counts at once, faster bit by bit: a chunk that is too long is worse than one that is too short
    this.#msPerRow.set(key, before === undefined || measured > before ? measured : before * 0.7 + measured * 0.3)
  }
}
