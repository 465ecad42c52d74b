import { VivantError } from '../error/vivant-error.ts'

const maxShown = 120

/** The error of a value that its type does not accept. `path` is where it stands: `title`, `meta.tags[3]`. */
export function invalidValue(path: string, reason: string): VivantError {
  return new VivantError('VALUE_INVALID', path === '' ? reason : `${shorten(path)}: ${reason}`, { details: { path, reason } })
}

function shorten(path: string): string {
  return path.length > maxShown ? `${path.slice(0, maxShown / 2)}…${path.slice(-maxShown / 2)}` : path
}
