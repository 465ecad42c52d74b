import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { VivantError } from '@vivant/core'
import type { DatabaseTarget } from '@vivant/storage'

/** A `pg.Pool`, which stays the user's to end. */
export interface PoolLike {
  readonly options: object
  connect(): Promise<unknown>
  query(text: string): Promise<unknown>
}

/** Where an embedded database lies unless `connect` is told. */
const defaultFolder = '.vivant'

/** What `connect` was given, as `openRuntime` takes it: a URL of PostgreSQL, `'memory:'`, an absolute path, or a pool. Throws CONFIGURATION_INVALID. */
export async function parseTarget(target: unknown): Promise<DatabaseTarget> {
  if (target === undefined) return existingFolder(defaultFolder)
  if (isPool(target)) return target
  if (typeof target !== 'string' || target === '') {
    throw new VivantError('CONFIGURATION_INVALID', "connect() takes a folder, 'memory:', a postgres:// URL or a pg.Pool")
  }
  if (target === 'memory:') return target
  const scheme = /^([a-z][a-z\d+.-]*):\/\//iu.exec(target)?.[1]
  return scheme === undefined ? existingFolder(target) : serverUrl(target, scheme)
}

function serverUrl(target: string, scheme: string): string {
  if (!/^postgres(ql)?$/iu.test(scheme)) {
    throw new VivantError('CONFIGURATION_INVALID', `connect() takes a postgres:// URL, not ${scheme}://`, { details: { scheme } })
  }
  const isSocket = /^[a-z]+:\/\/(?:[^/]*@)?(?:%2f|\/)/iu.test(target)
  if (!isSocket && !URL.canParse(target)) {
    throw new VivantError('CONFIGURATION_INVALID', `the URL of the database cannot be read: ${target.replace(/\/\/.*@/u, '//…@')}`)
  }
  return target
}

/** A folder that there is, or will be. */
async function existingFolder(target: string): Promise<string> {
  const path = resolve(target)
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    const reason = error.code === 'ENOTDIR' ? 'a part of the path is a file' : error.message
    throw new VivantError('CONFIGURATION_INVALID', `the folder ${path} cannot be used: ${reason}`, { cause: error, details: { path } })
  })
  if (found && !found.isDirectory()) {
    throw new VivantError('CONFIGURATION_INVALID', `${path} is not a folder: an embedded database needs one of its own`, { details: { path } })
  }
  return path
}

function isPool(target: unknown): target is Exclude<DatabaseTarget, string> {
  return typeof target === 'object' && target !== null && 'connect' in target && 'query' in target && 'options' in target
}
