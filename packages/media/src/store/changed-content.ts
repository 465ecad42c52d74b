import { VivantError } from '@vivant/core'

/** The bytes that came are not those that were announced by their hash. */
export function changedContent(): VivantError {
  return new VivantError('MEDIA_INVALID', 'The medium changed while it was read: insert it again when it is complete.')
}
