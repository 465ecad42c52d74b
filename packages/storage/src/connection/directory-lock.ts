import { readFileSync } from 'node:fs'
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { VivantError } from '@vivant/core'

interface LockOwner {
  readonly pid: number
  readonly host: string
  /** When the process started, as the system counts it: a pid alone may have been given to another process since. */
  readonly processStart: string
  readonly command: string
}

/**
 * The lock on an embedded directory. Nothing in the engine keeps a second process out, and two of them destroy the data.
 * A dead owner's lock is taken over at once: alive means that its pid runs and started when the lock says.
 */
export async function lockDirectory(directory: string): Promise<AsyncDisposable> {
  const path = join(directory, 'vivant.lock')
  const own: LockOwner = { pid: process.pid, host: hostname(), processStart: processStart(process.pid) ?? '', command: process.argv.slice(0, 2).join(' ') }
  const draft = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`
  await writeFile(draft, JSON.stringify(own))
  try {
    // link() fails when the name exists, and never shows a half-written file
    for (let attempt = 0; !(await tryLink(draft, path)); attempt++) {
      const owner = await readOwner(path)
      if (owner && isAlive(owner)) throw lockedError(directory, owner)
      if (attempt > 20) throw new VivantError('DIRECTORY_LOCKED', `The lock ${path} changes hands all the time: another process opens this folder as well.`)
      await removeStale(path, `${draft}.stale`, directory)
    }
  } finally {
    await rm(draft, { force: true })
  }
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) }
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Moves the dead owner's lock away. Between reading and moving another process may have taken it: then it is given back. */
async function removeStale(path: string, aside: string, directory: string): Promise<void> {
  try {
    await rename(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const owner = await readOwner(aside)
  if (owner && isAlive(owner)) {
    await tryLink(aside, path)
    await rm(aside, { force: true })
    throw lockedError(directory, owner)
  }
  await rm(aside, { force: true })
}

async function readOwner(path: string): Promise<LockOwner | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as LockOwner
  } catch {
    return undefined
  }
}

function isAlive(owner: LockOwner): boolean {
  if (owner.host !== hostname()) return true
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  const start = processStart(owner.pid)
  return start === undefined || owner.processStart === '' || start === owner.processStart
}

/** Clock ticks since boot at which a process started (Linux); undefined elsewhere. */
function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

function lockedError(directory: string, owner: LockOwner): VivantError {
  const who = owner.pid === process.pid && owner.host === hostname() ? 'this process' : `process ${owner.pid} on ${owner.host} (${owner.command})`
  return new VivantError(
    'DIRECTORY_LOCKED',
    `The folder ${directory} is open in ${who}. An embedded database belongs to one process at a time: end that one, or use a PostgreSQL server for several.`,
    { details: { directory, pid: owner.pid, host: owner.host } },
  )
}
