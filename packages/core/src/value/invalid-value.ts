import { VivantError } from '../error/vivant-error.ts'

/** The error of a value that its type does not accept. `path` is where it stands: `title`, `meta.tags[3]`. */
export function invalidValue(path: string, reason: string): VivantError {
  return new VivantError('VALUE_INVALID', path === '' ? reason : `${path}: ${reason}`, { details: { path, reason } })
}
