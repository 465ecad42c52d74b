import { VivantError } from '@vivant/core'

/** Seconds from the beginning; left out: to the end. */
export interface TimeRange {
  readonly start?: number
  readonly end?: number
}

/** VALUE_INVALID for a range that is none, or lies behind the end. */
export function checkRange({ start = 0, end = Infinity }: TimeRange, durationSeconds: number | null): void {
  if (!(Number.isFinite(start) && start >= 0 && end > start)) {
    throw new VivantError('VALUE_INVALID', `A range is from start, 0 or more seconds, to a later end; not from ${start} to ${end}.`)
  }
  if (durationSeconds !== null && start >= durationSeconds) {
    throw new VivantError('VALUE_INVALID', `The range begins at ${start} s: the medium ends at ${durationSeconds} s.`)
  }
}
