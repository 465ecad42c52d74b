import { isVivantError, PermanentError, RetryAfter } from '@vivant/core'
import type { CellError } from '@vivant/storage'

/** Why a function gave no value for a row. */
export interface Failure {
  readonly error: CellError
  /** Worth another attempt. */
  readonly transient: boolean
  /** What the other side asked for; null: the retry policy decides. */
  readonly delayMs: number | null
}

const maxMessageLength = 2000
const maxStackLength = 4000
const transientSystemCodes: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EPIPE',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_SOCKET',
])

/** Tells what a thrown value means: `RetryAfter`, HTTP 408, 429 and 5xx, broken connections and time-outs are tried again, the rest fails at once. */
export function failureOf(thrown: unknown): Failure {
  const error = describe(thrown)
  if (thrown instanceof PermanentError) return { error, transient: false, delayMs: null }
  if (thrown instanceof RetryAfter) return { error, transient: true, delayMs: thrown.delayMs }
  return { error, transient: isTransient(thrown, 0), delayMs: requestedDelay(thrown) }
}

function isTransient(thrown: unknown, depth: number): boolean {
  if (typeof thrown !== 'object' || thrown === null || depth > 4) return false
  if (isVivantError(thrown)) return thrown.retryable
  const { status, statusCode, code, cause, name } = thrown as Readonly<Record<string, unknown>>
  for (const http of [status, statusCode]) if (typeof http === 'number' && (http === 408 || http === 429 || (http >= 500 && http <= 599))) return true
  if (typeof code === 'string' && transientSystemCodes.has(code)) return true
  return name === 'TimeoutError' || isTransient(cause, depth + 1)
}

/** `Retry-After` in seconds, as HTTP clients keep it on their errors. */
function requestedDelay(thrown: unknown): number | null {
  const headers = (thrown as { headers?: unknown } | null)?.headers ?? (thrown as { response?: { headers?: unknown } } | null)?.response?.headers
  const value = headers instanceof Headers ? headers.get('retry-after') : (headers as Record<string, unknown> | undefined)?.['retry-after']
  const seconds = Number(value ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null
}

function describe(thrown: unknown): CellError {
  if (!(thrown instanceof Error)) return { code: 'FUNCTION_FAILED', message: clean(String(thrown), maxMessageLength) }
  const { code } = thrown as { code?: unknown }
  return {
    code: typeof code === 'string' && code ? clean(code, 100) : 'FUNCTION_FAILED',
    message: clean(thrown.message || thrown.name, maxMessageLength),
    ...(thrown.stack ? { stack: clean(thrown.stack, maxStackLength) } : {}),
  }
}

/** PostgreSQL stores neither NUL nor half a surrogate pair. */
function clean(text: string, maxLength: number): string {
  return text.slice(0, maxLength).replaceAll('\0', '').toWellFormed()
}
