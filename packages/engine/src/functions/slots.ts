/** A count of calls that may be under way at once. */
export class Slots {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  get exhausted(): boolean {
    return this.#free <= 0
  }

  async take(): Promise<void> {
    while (this.#free <= 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#free--
  }

  release(): void {
    this.#free++
    this.#waiting.shift()?.()
  }
}
