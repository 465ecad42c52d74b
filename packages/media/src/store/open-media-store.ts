import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type MediaStore, VivantError } from '@vivant/core'
import { CachedStore } from './cache/cached-store.ts'
import { MediaCache } from './cache/media-cache.ts'
import { createFolderStore } from './folder-store.ts'
import { parseS3Location, type S3Options } from './s3/s3-config.ts'
import { S3Connection } from './s3/s3-connection.ts'
import { S3Store } from './s3/s3-store.ts'

export interface MediaStoreOptions extends S3Options {
  /** Copies of what lies in S3: where (default: under XDG_CACHE_HOME or ~/.cache) and how much (default 2 GiB). */
  readonly cache?: { readonly folder?: string; readonly maxBytes?: number }
}

export interface OpenMediaStore extends AsyncDisposable {
  readonly store: MediaStore
  /** For `s3://` references, wherever the store is. */
  readonly s3: S3Connection
}

const defaultCacheBytes = 2 * 1024 ** 3

/**
 * The store that a configuration names: a folder, or `s3://bucket/prefix` behind a cache on this machine. Nothing is asked before it is used.
 *
 * @throws CONFIGURATION_INVALID
 * @example openMediaStore('s3://media/production', { endpoint: 'http://127.0.0.1:9000', cache: { maxBytes: 50e9 } })
 */
export function openMediaStore(place: string, options: MediaStoreOptions = {}): OpenMediaStore {
  const connection = new S3Connection(options)
  const dispose = (): Promise<void> => connection[Symbol.asyncDispose]()
  if (!/^[a-z][a-z0-9+.-]+:\/\//iu.test(place)) return { store: createFolderStore(place), s3: connection, [Symbol.asyncDispose]: dispose }
  if (!place.startsWith('s3://'))
    throw new VivantError('CONFIGURATION_INVALID', `media.store is ${JSON.stringify(place)}; a folder or s3://bucket/prefix is needed.`)
  const store = new S3Store(connection, parseS3Location(place))
  const name = createHash('sha256').update(`${connection.endpoint} ${place}`).digest('hex').slice(0, 16)
  const cache = new MediaCache({
    folder: options.cache?.folder ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'vivant', name),
    maxBytes: options.cache?.maxBytes ?? defaultCacheBytes,
  })
  return { store: new CachedStore(store, cache), s3: connection, [Symbol.asyncDispose]: dispose }
}
