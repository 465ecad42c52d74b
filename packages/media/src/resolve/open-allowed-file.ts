import { constants } from 'node:fs'
import { type FileHandle, open, realpath, stat } from 'node:fs/promises'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { VivantError } from '@vivant/core'

/**
 * Opens a file that somebody else named, if it lies under one of the roots: by its name and, links followed, in truth.
 * Outside the roots nothing is looked at, so the answer does not tell what is there.
 *
 * A hard link cannot be told from the file; who may make one under a root may read what it leads to anyway.
 */
export async function openAllowedFile(
  text: string,
  allowedRoots: readonly string[],
): Promise<{ readonly file: FileHandle; readonly path: string; readonly sizeBytes: number }> {
  const path = pathOf(text)
  const roots = await Promise.all(allowedRoots.map(trueRoot))
  if (!roots.some((root) => isUnder(path, root.named) || isUnder(path, root.true))) throw notAllowed(text, allowedRoots)
  const truePath = await realpath(path).catch((error: unknown) => {
    throw new VivantError('MEDIA_NOT_FOUND', `${text}: there is no such file.`, { cause: error })
  })
  if (!roots.some((root) => isUnder(truePath, root.true))) throw notAllowed(text, allowedRoots)
  const file = await openRegular(text, truePath)
  try {
    // A folder on the way may have become a link since: what was opened must be what stands there now, under the root.
    const opened = await file.stat()
    const now = await realpath(truePath).catch(() => '')
    const found = now === truePath ? await stat(now) : null
    if (found?.ino !== opened.ino || found.dev !== opened.dev) throw notAllowed(text, allowedRoots)
    return { file, path: truePath, sizeBytes: opened.size }
  } catch (error) {
    await file.close()
    throw error
  }
}

function pathOf(text: string): string {
  try {
    const url = new URL(text)
    if (url.search !== '' || url.hash !== '') throw new Error('a file URL has neither a query nor a fragment')
    return resolve(fileURLToPath(url))
  } catch (error) {
    throw new VivantError(
      'MEDIA_INVALID',
      `${JSON.stringify(text)} does not name a file on this machine: ${error instanceof Error ? error.message : String(error)}.`,
      { cause: error },
    )
  }
}

async function trueRoot(root: string): Promise<{ readonly named: string; readonly true: string }> {
  const named = resolve(root)
  return { named, true: await realpath(named).catch(() => named) }
}

function isUnder(path: string, root: string): boolean {
  const rest = relative(root, path)
  return rest !== '' && rest !== '..' && !rest.startsWith(`..${sep}`) && !isAbsolute(rest)
}

/** Neither follows a link that has just appeared nor waits for the other end of a pipe. */
async function openRegular(text: string, path: string): Promise<FileHandle> {
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
  const file = await open(path, flags).catch((error: unknown) => {
    throw new VivantError('MEDIA_NOT_FOUND', `${text}: the file cannot be opened.`, { cause: error })
  })
  if ((await file.stat()).isFile()) return file
  await file.close()
  throw new VivantError('MEDIA_INVALID', `${text} is not a regular file.`)
}

function notAllowed(text: string, allowedRoots: readonly string[]): VivantError {
  const roots = allowedRoots.length === 0 ? 'no folder is allowed' : `only files under ${allowedRoots.join(', ')} are allowed`
  return new VivantError(
    'MEDIA_NOT_ALLOWED',
    `${text} came by SQL and is not read: ${roots}. Add its folder to \`media.allowedRoots\`, or insert it through the API, which reads it with your own rights.`,
    { details: { reference: text } },
  )
}
