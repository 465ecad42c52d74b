import { type FileHandle, open, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { VivantError } from '@vivant/core'

/**
 * Opens a file that the caller may read.
 *
 * @throws MEDIA_NOT_FOUND no such file; MEDIA_INVALID a folder, a pipe, a device; MEDIA_NOT_ALLOWED no right to read it
 */
export async function openLocalFile(path: string): Promise<{ readonly file: FileHandle; readonly sizeBytes: number }> {
  try {
    // Before it is opened: opening a pipe would wait for its other end.
    const found = await stat(path)
    if (!found.isFile()) throw new VivantError('MEDIA_INVALID', `${path} is ${found.isDirectory() ? 'a folder' : 'not a regular file'}.`, { details: { path } })
    return { file: await open(path), sizeBytes: found.size }
  } catch (error) {
    throw translate(error, path)
  }
}

function translate(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : null
  const options = { cause: error, details: { path } }
  if (code === 'ENOENT' || code === 'ENOTDIR') return new VivantError('MEDIA_NOT_FOUND', `There is no file ${path} (${resolve(path)}).`, options)
  if (code === 'ENAMETOOLONG') return new VivantError('MEDIA_INVALID', `${path.slice(0, 60)}… is no path: its name is too long.`, { cause: error })
  if (code === 'EACCES' || code === 'EPERM') return new VivantError('MEDIA_NOT_ALLOWED', `This process may not read ${path}.`, options)
  return error
}
