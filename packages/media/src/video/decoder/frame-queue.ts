/** Items between who makes them and who reads them: the maker waits while there are `limit`. */
export class FrameQueue<T> {
  readonly #items: T[] = []
  readonly #limit: number
  #isOver = false
  #onItem: (() => void) | undefined
  #onRoom: (() => void) | undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  async push(item: T): Promise<void> {
    if (this.#isOver) return
    this.#items.push(item)
    this.#onItem?.()
    if (this.#items.length >= this.#limit) await new Promise<void>((resolve) => (this.#onRoom = resolve))
  }

  /** The next item; undefined after the last. */
  async next(): Promise<T | undefined> {
    while (this.#items.length === 0 && !this.#isOver) await new Promise<void>((resolve) => (this.#onItem = resolve))
    const item = this.#items.shift()
    if (this.#items.length < this.#limit) this.#onRoom?.()
    return item
  }

  /** No more comes, or no more is wanted. */
  end(): void {
    this.#isOver = true
    this.#onItem?.()
    this.#onRoom?.()
  }
}
