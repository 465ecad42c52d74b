import { type MediaStore, VivantError } from '@vivant/core'
import { type MediaStoreOptions, parseS3Location } from '@vivant/media'
import { checkOptions } from '../write/check-options.ts'

/** Where media lie, and which of those that SQL names are read. */
export interface MediaConfig extends MediaStoreOptions {
  /** A folder (default: `media` in the database's), `s3://bucket/prefix`, or a store of one's own. All processes of a database need the same. */
  readonly store?: MediaStore | string
  /** Folders, and parts of buckets (`s3://bucket/prefix`), from which references that came by SQL are read. */
  readonly allowedRoots?: readonly string[]
  /** What one medium may have at most (default 10 GiB). */
  readonly maxBytes?: number
}

const known: Readonly<Record<keyof MediaConfig, true>> = {
  store: true,
  allowedRoots: true,
  maxBytes: true,
  cache: true,
  endpoint: true,
  region: true,
  credentials: true,
  pathStyle: true,
  timeoutMs: true,
  maxAttempts: true,
}

/** What plain JavaScript may have got wrong: an option that is passed over in silence is one that somebody relies on. CONFIGURATION_INVALID. */
export function checkMediaConfig(config: MediaConfig): void {
  checkOptions('connect({ media })', config, known)
  for (const root of config.allowedRoots ?? []) if (root.startsWith('s3://')) parseS3Location(root)
  const { maxBytes } = config
  if (maxBytes !== undefined && (!Number.isSafeInteger(maxBytes) || maxBytes < 1))
    throw new VivantError('CONFIGURATION_INVALID', `media.maxBytes is ${maxBytes}; a whole number of bytes is needed.`)
}
