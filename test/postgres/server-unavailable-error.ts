/** There is no PostgreSQL server to test on: why, and how to get one. */
export class ServerUnavailableError extends Error {
  override readonly name = 'ServerUnavailableError'
  readonly why: string
  readonly how: string

  constructor(why: string, how: string, options?: ErrorOptions) {
    super(`${why}; ${how}`, options)
    this.why = why
    this.how = how
  }
}
