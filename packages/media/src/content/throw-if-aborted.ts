import { isVivantError, VivantError } from '@vivant/core'

/** Throws ABORTED, or the signal's own reason when that is an error of ours (a time-out). */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return
  if (isVivantError(signal.reason)) throw signal.reason
  throw new VivantError('ABORTED', 'The work on this medium was aborted.', { cause: signal.reason })
}
