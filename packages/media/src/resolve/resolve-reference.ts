import { isVivantError, type MediaKind, VivantError } from '@vivant/core'
import { findStored, type FindStoredOptions } from '../ingest/find-stored.ts'
import { storeContent, type StoredMediaMetadata } from '../ingest/store-content.ts'
import { formatStoreReference, isStoreReference } from '../reference/media-key.ts'
import type { S3Connection } from '../store/s3/s3-connection.ts'
import { fetchPublic, type FetchLimits } from './fetch-public.ts'
import { publicNetwork, type Network } from './network.ts'
import { readAllowedFile } from './read-allowed-file.ts'
import { allowedBucketReference, readBucket } from './read-bucket.ts'
import type { ReadSource } from './read-source.ts'
import type { SourceMemory, SourceValidator } from './source-validator.ts'

export interface ResolveOptions extends FindStoredOptions, FetchLimits {
  /** Folders from which `file://` references are read, and parts of buckets (`s3://bucket/prefix`). None, if empty. */
  readonly allowedRoots: readonly string[]
  /** Reads `s3://` references. */
  readonly s3?: S3Connection | undefined
  /** What references led to before, so that what has not changed is not read again. */
  readonly sources?: SourceMemory | undefined
}

/**
 * Brings what a media column was given by plain SQL into the store. Whoever wrote the row may have fewer rights than
 * the process that resolves it, so only these are followed:
 *
 * - `vivant://<sha256>.<extension>`, if the store has it;
 * - `https://` on public hosts: port 443, no user name, no private, loopback, link-local or otherwise special address;
 *   names are resolved once and the connection is made to the checked addresses (DNS rebinding does not help); at most
 *   five redirects, each checked alike; time and size are limited, also after decompression;
 * - `file://` under `allowedRoots`, links followed;
 * - `s3://` under those of `allowedRoots` that are parts of buckets.
 *
 * What was read before is asked for on the condition that it has changed: by its ETag or the time of its last change.
 *
 * @throws MEDIA_NOT_ALLOWED anything else: the message says what to do
 * @throws MEDIA_UNREACHABLE the network or the server failed: may be tried again
 * @throws MEDIA_NOT_FOUND, MEDIA_INVALID, MEDIA_TOO_LARGE
 */
export async function resolveReference(reference: string, kind: MediaKind, options: ResolveOptions): Promise<StoredMediaMetadata> {
  return resolveOn(publicNetwork, reference, kind, options)
}

/** The same on a given network; not exported by the package. */
export async function resolveOn(network: Network, reference: string, kind: MediaKind, options: ResolveOptions): Promise<StoredMediaMetadata> {
  if (isStoreReference(reference)) return findStored(reference, kind, options)
  const known = (await options.sources?.find(reference)) ?? null
  if (known) {
    await using read = disposable(await readReference(network, reference, options, known.validator))
    if (read.source !== 'unchanged') return await store(read.source, reference, kind, options)
    // What it led to may have been collected since.
    const found = await findStored(formatStoreReference(`${known.sha256}.${known.extension}`), kind, options).catch(ignoreNotFound)
    if (found) return found
  }
  await using read = disposable(await readReference(network, reference, options, null))
  if (read.source === 'unchanged') throw new VivantError('MEDIA_UNREACHABLE', `${reference} was asked for and not given.`)
  return await store(read.source, reference, kind, options)
}

function readReference(network: Network, reference: string, options: ResolveOptions, known: SourceValidator | null): Promise<ReadSource | 'unchanged'> {
  const { allowedRoots, s3, maxBytes, signal } = options
  const limits = { maxBytes, signal }
  if (/^https:/i.test(reference)) return fetchPublic(reference, options, network, known)
  if (/^file:/i.test(reference))
    return readAllowedFile(
      reference,
      allowedRoots.filter((root) => !root.startsWith('s3://')),
      known,
      limits,
    )
  if (reference.startsWith('s3://') && s3) return readBucket(allowedBucketReference(reference, allowedRoots), s3, known, limits)
  throw new VivantError(
    'MEDIA_NOT_ALLOWED',
    `${JSON.stringify(reference)} came by SQL and is not followed: write vivant://…, a public https:// URL, or a file:// or s3:// URL that is allowed, or insert it through the API.`,
    { details: { reference } },
  )
}

async function store({ content, hint, validator }: ReadSource, reference: string, kind: MediaKind, options: ResolveOptions): Promise<StoredMediaMetadata> {
  const stored = await storeContent(content, kind, { ...options, ...hint })
  if (validator) await options.sources?.remember(reference, { sha256: stored.sha256, extension: stored.extension, validator })
  return stored
}

function disposable(source: ReadSource | 'unchanged'): { readonly source: ReadSource | 'unchanged' } & AsyncDisposable {
  return { source, [Symbol.asyncDispose]: async () => (source === 'unchanged' ? undefined : source[Symbol.asyncDispose]()) }
}

function ignoreNotFound(error: unknown): null {
  if (isVivantError(error, 'MEDIA_NOT_FOUND')) return null
  throw error
}
