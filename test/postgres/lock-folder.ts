import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { isProcessAlive } from './is-process-alive.ts'

/** Holds a folder as a lock between processes; one whose holder has died is taken over. */
export async function lockFolder(path: string): Promise<AsyncDisposable> {
  for (;;) {
    try {
      await mkdir(path)
      await writeFile(join(path, 'pid'), String(process.pid))
      return { [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    if (await isAbandoned(path)) await rm(path, { recursive: true, force: true })
    else await setTimeout(200)
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  const pid = await readFile(join(path, 'pid'), 'utf8').catch(() => '')
  if (pid) return !isProcessAlive(Number(pid))
  // Its holder is about to write the file, unless it was killed before.
  const created = await stat(path).then(
    (stats) => stats.mtimeMs,
    () => Date.now(),
  )
  return Date.now() - created > 5000
}
