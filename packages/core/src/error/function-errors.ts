/** Thrown by a function: this input will never work. The cell fails at once, without another attempt. */
export class PermanentError extends Error {
  override readonly name: string = 'PermanentError'
}

/** Thrown by a function: try again, not before this long. */
export class RetryAfter extends Error {
  override readonly name: string = 'RetryAfter'
  readonly delayMs: number

  constructor(delayMs: number, message: string = `try again in ${delayMs} ms`, options?: ErrorOptions) {
    super(message, options)
    this.delayMs = delayMs
  }
}
