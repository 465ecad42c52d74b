import type { Database } from '@vivant/storage'

/** After falling asleep: a trigger may have looked for sleepers before its commit, so the queue is looked at again soon. */
const pollsMs = [5, 20, 80, 320, 1000]
/** So many claims in a row make a worker busy: a single row is served without a word, which would cost two commits. */
const claimsUntilAwake = 3

/**
 * How a worker waits for work. Before it sleeps it says so in its row, so that the capture triggers notify (only then:
 * NOTIFY serialises the commits of writers), and it looks at the queue once more.
 */
export class Sleeper implements AsyncDisposable {
  readonly #database: Database
  readonly #worker: string
  #listener: AsyncDisposable | undefined
  #wakeUp: (() => void) | undefined
  #woken = false
  #polls = 0
  #announced = false
  #claims = 0

  constructor(database: Database, worker: string) {
    this.#database = database
    this.#worker = worker
  }

  /** Called from anywhere in this process, and by a notification. */
  wake(): void {
    this.#woken = true
    this.#wakeUp?.()
  }

  /** Work was found: the next sleep begins anew. */
  async busy(): Promise<void> {
    this.#polls = 0
    this.#claims++
    if (!this.#announced || this.#claims < claimsUntilAwake) return
    this.#announced = false
    await this.#announce(false)
  }

  /** Returns when woken, or when it is time to look again. The first call after work announces the sleep and returns at once. */
  async sleep(): Promise<void> {
    this.#claims = 0
    if (this.#database.profile.notifications) {
      await this.#listen()
      if (!this.#announced) {
        this.#announced = true
        await this.#announce(true)
        return
      }
    }
    await this.wait(pollsMs[Math.min(this.#polls++, pollsMs.length - 1)]!)
  }

  /** Until woken, or for so long. */
  async wait(ms: number): Promise<void> {
    if (!this.#woken)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        this.#wakeUp = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    this.#wakeUp = undefined
    if (this.#woken) this.#polls = 0
    this.#woken = false
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.wake()
    await this.#listener?.[Symbol.asyncDispose]()
  }

  async #listen(): Promise<void> {
    if (this.#listener) return
    this.#listener = await this.#database.listen(
      'vivant_wake',
      () => this.wake(),
      () => {
        // the connection broke: polling goes on, and the next sleep listens again
        this.#listener = undefined
        this.wake()
      },
    )
  }

  async #announce(asleep: boolean): Promise<void> {
    await this.#database.query({ name: 'vivant_asleep', text: 'update vivant.worker set asleep = $2 where id = $1', values: [this.#worker, asleep] })
  }
}
