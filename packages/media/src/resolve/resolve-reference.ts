import { basename } from 'node:path'
import { type MediaKind, VivantError } from '@vivant/core'
import { collectContent } from '../content/collect-content.ts'
import { findStored, type FindStoredOptions } from '../ingest/find-stored.ts'
import { storeContent, type StoredMediaMetadata } from '../ingest/store-content.ts'
import { isStoreReference } from '../reference/media-key.ts'
import { fetchPublic, type FetchLimits } from './fetch-public.ts'
import { publicNetwork, type Network } from './network.ts'
import { openAllowedFile } from './open-allowed-file.ts'

export interface ResolveOptions extends FindStoredOptions, FetchLimits {
  /** Folders from which `file://` references are read. None, if empty. */
  readonly allowedRoots: readonly string[]
}

/**
 * Brings what a media column was given by plain SQL into the store. Whoever wrote the row may have fewer rights than
 * the process that resolves it, so only these are followed:
 *
 * - `vivant://<sha256>.<extension>`, if the store has it;
 * - `https://` on public hosts: port 443, no user name, no private, loopback, link-local or otherwise special address;
 *   names are resolved once and the connection is made to the checked addresses (DNS rebinding does not help); at most
 *   five redirects, each checked alike; time and size are limited, also after decompression;
 * - `file://` under `allowedRoots`, links followed.
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
  if (/^https:/i.test(reference)) {
    await using fetched = await fetchPublic(reference, options, network)
    return await storeContent(fetched.content, kind, { ...options, ...fetched.hint })
  }
  if (/^file:/i.test(reference)) return resolveFile(reference, kind, options)
  throw new VivantError(
    'MEDIA_NOT_ALLOWED',
    `${JSON.stringify(reference)} came by SQL and is not followed: write vivant://…, a public https:// URL or a file:// URL, or insert it through the API.`,
    {
      details: { reference },
    },
  )
}

async function resolveFile(reference: string, kind: MediaKind, options: ResolveOptions): Promise<StoredMediaMetadata> {
  const { file, path } = await openAllowedFile(reference, options.allowedRoots)
  const stream = file.createReadStream({ highWaterMark: 1024 * 1024 })
  await using content = await collectContent(stream, { maxBytes: options.maxBytes, signal: options.signal, name: reference })
  return await storeContent(content, kind, { ...options, name: basename(path) })
}
