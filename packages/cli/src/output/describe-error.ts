import { isVivantError } from 'vivant'
import { exitCodes } from '../exit-codes.ts'

/** What the user reads of an error, without the secrets of a URL. */
export function describeError(error: unknown): string {
  const text = isVivantError(error) ? `${error.message}${detailOf(error)} [${error.code}]` : messageOf(error)
  return text.replaceAll(/(postgres(?:ql)?:\/\/[^:@/\s]*):[^@/\s]*@/gu, '$1:…@')
}

export function exitCodeOf(error: unknown): number {
  if (!isVivantError(error)) return exitCodes.failed
  switch (error.code) {
    case 'CONFIGURATION_INVALID':
      return exitCodes.usage
    case 'DATABASE_UNREACHABLE':
    case 'DIRECTORY_LOCKED':
      return exitCodes.unavailable
    default:
      return exitCodes.failed
  }
}

/** Node says why a connection failed in the errors of an AggregateError, whose own message is empty. */
function detailOf(error: Error): string {
  const { cause } = error
  if (!(cause instanceof AggregateError) || cause.message) return ''
  return cause.errors.map(messageOf).join('; ')
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error)
}
