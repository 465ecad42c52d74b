import { VivantError } from '@vivant/core'

const full: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT'])
const refused: ReadonlySet<unknown> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENAMETOOLONG'])

/** What an error of the file system means for who uses a store in a folder; any other error as it is. */
export function folderError(error: unknown, folder: string): unknown {
  const code = error instanceof Error && 'syscall' in error && 'code' in error ? error.code : undefined
  const options = { cause: error, details: { folder, reason: code } }
  if (full.has(code)) return new VivantError('STORE_UNAVAILABLE', `The media store in ${folder} is full: make room there, then try again.`, options)
  if (refused.has(code)) return new VivantError('STORE_REFUSED', `Nothing can be written to the media store in ${folder}: ${(error as Error).message}`, options)
  return error
}
