import { isVivantError, VivantError } from '@vivant/core'
import type { MediaService } from '../runtime/media-service.ts'
import type { MediaSlot } from './column-values.ts'

export interface TakeInOptions {
  readonly concurrency: number
  readonly signal: AbortSignal | undefined
}

const defaultConcurrency = 8

/**
 * Takes media in, some at once, and gives each slot its reference. What is wrong with a medium itself rejects its row;
 * anything else (the store, the database, an abort) is thrown.
 */
export async function takeMediaIn(
  media: MediaService,
  slots: readonly MediaSlot[],
  reject: (slot: MediaSlot, reason: string) => void,
  { concurrency, signal }: TakeInOptions,
): Promise<void> {
  // one failure ends the others
  const abort = new AbortController()
  const both = signal ? AbortSignal.any([signal, abort.signal]) : abort.signal
  let next = 0
  const work = async (): Promise<void> => {
    while (next < slots.length) {
      const slot = slots[next++]!
      if (signal?.aborted) throw abortedError(signal)
      try {
        slot.reference = await media.ingest(slot.media, slot.kind, both)
      } catch (error) {
        if (signal?.aborted) throw abortedError(signal)
        if (!isVivantError(error) || !error.code.startsWith('MEDIA_')) throw error
        reject(slot, error.message)
      }
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(concurrency, slots.length) }, work))
  } catch (error) {
    abort.abort(error)
    throw error
  }
}

export function mediaConcurrency(given: number | undefined): number {
  if (given === undefined) return defaultConcurrency
  if (Number.isInteger(given) && given > 0) return given
  throw new VivantError('CONFIGURATION_INVALID', `mediaConcurrency is ${given}; a whole number from 1 on is needed.`)
}

export function abortedError(signal: AbortSignal): VivantError {
  return new VivantError('ABORTED', 'The call was aborted by its signal.', { cause: signal.reason })
}
