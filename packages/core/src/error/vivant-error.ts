import { errorCodes, type ErrorCode } from './error-codes.ts'

export interface VivantErrorOptions {
  readonly cause?: unknown
  /** The names involved: `{ table: 'videos', column: 'thumb' }`. */
  readonly details?: Readonly<Record<string, unknown>>
}

/**
 * Every error that Vivant raises. `code` is stable and says what happened; the message says what was wrong, where,
 * and what to do.
 */
export class VivantError extends Error {
  override readonly name: string = 'VivantError'
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, options: VivantErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = Object.freeze({ ...options.details })
  }

  /** The HTTP status that fits this error. */
  get httpStatus(): number {
    return errorCodes[this.code].httpStatus
  }

  /** Whether the same call may succeed later. */
  get retryable(): boolean {
    return errorCodes[this.code].retryable
  }
}

export function isVivantError(error: unknown, code?: ErrorCode): error is VivantError {
  return error instanceof VivantError && (code === undefined || error.code === code)
}
