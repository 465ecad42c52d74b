import {
  type FunctionDefinition,
  isMedia,
  type Media,
  type MediaInput,
  type MediaKind,
  type MediaMetadata,
  MediaReference,
  type MediaStore,
  VivantError,
} from '@vivant/core'
import type { MediaBatch } from '@vivant/engine'
import {
  createMediaHandle,
  formatStoreReference,
  FrameReader,
  ingestMedia,
  isStoreReference,
  keyOfReference,
  parseFrameReference,
  resolveReference,
  type S3Connection,
  type SourceMemory,
  type StoredMediaMetadata,
} from '@vivant/media'
import { readMedia, readMediaSource, recallMedia, recordMedia, recordMediaSource, type SqlClient } from '@vivant/storage'

export interface MediaOptions {
  readonly store: MediaStore
  /** For `s3://` references. */
  readonly s3: S3Connection
  /** Folders, and parts of buckets, from which references that came by SQL are read. */
  readonly allowedRoots: readonly string[]
  readonly maxBytes: number
  /** Notes at the store, once for a connection, that this database keeps media there: before the first is written down. */
  readonly claimed: () => Promise<unknown>
}

/** What a hash is a function of: resolving is versioned by hand, as everything that Vivant ships. */
const resolveHash = 'vivant.resolve@1'

/** A decoder of frames from which nobody reads any more. */
const idleDecoderMs = 1000

/** Media of one connection: the store, and the rows that describe what lies in it. */
export class MediaService implements MediaBatch {
  readonly #database: SqlClient
  readonly #options: MediaOptions
  readonly #frames: FrameReader

  constructor(database: SqlClient, options: MediaOptions) {
    this.#database = database
    this.#options = options
    this.#frames = new FrameReader({ store: options.store, idleMs: idleDecoderMs })
  }

  /** The same media, written down through one connection: inside a transaction. */
  on(client: SqlClient): MediaService {
    return new MediaService(client, this.#options)
  }

  batch(): MediaService {
    return new MediaService(this.#database, this.#options)
  }

  get startMs(): number {
    return this.#frames.startMs
  }

  [Symbol.dispose](): void {
    this.#frames[Symbol.dispose]()
  }

  handle(reference: string, kind: MediaKind): Media {
    return this.#frames.handle(reference) ?? this.#wholeHandle(reference, kind)
  }

  #wholeHandle(reference: string, kind: MediaKind): Media {
    return createMediaHandle(reference, kind, {
      store: this.#options.store,
      metadata: async (key) => {
        const [row] = await readMedia(this.#database, [hashOf(key)])
        if (!row) throw new VivantError('MEDIA_NOT_FOUND', `Nothing is known of the medium ${key}: its row in vivant.media is missing.`, { details: { key } })
        return row
      },
      resolve: (unresolved, asKind) => this.resolve(unresolved, asKind),
    })
  }

  /** Takes in what the API or a function gives, with this process's own rights; gives its reference. */
  async ingest(value: unknown, kind: MediaKind, signal?: AbortSignal): Promise<string> {
    if (value instanceof MediaReference) return value.url
    const named = isMedia(value) ? value.reference : value
    if (typeof named === 'string' && parseFrameReference(named)) return this.resolve(named, kind, signal)
    const { store, maxBytes, s3 } = this.#options
    return (await ingestMedia(value as MediaInput, kind, { store, maxBytes, s3, record: this.#record, ...(signal ? { signal } : {}) })).reference
  }

  /** Brings a reference that came by SQL into the store, under the rules for those; gives its `vivant://` reference. */
  async resolve(reference: string, kind: MediaKind, signal?: AbortSignal): Promise<string> {
    const frame = parseFrameReference(reference)
    if (frame) return this.#resolvedFrame(reference, frame.key, kind, signal)
    if (isStoreReference(reference)) {
      if (await recallMedia(this.#database, hashOf(keyOfReference(reference)))) return reference
    }
    const { store, allowedRoots, maxBytes, s3 } = this.#options
    const options = { store, allowedRoots, maxBytes, s3, sources: this.#sources, known: this.#known, record: this.#record }
    return (await resolveReference(reference, kind, { ...options, ...(signal ? { signal } : {}) })).reference
  }

  /** A frame is there when its video is; what a function makes of it tells whether it can be decoded. */
  async #resolvedFrame(reference: string, key: string, kind: MediaKind, signal: AbortSignal | undefined): Promise<string> {
    if (kind !== 'image') throw new VivantError('MEDIA_INVALID', `${reference} is a frame of a video: it can stand in an image column, not as ${kind}.`)
    await this.resolve(formatStoreReference(key), 'video', signal)
    return reference
  }

  async metadata(references: readonly string[]): Promise<ReadonlyMap<string, MediaMetadata>> {
    const stored = [...new Set(references)].filter(isStoreReference)
    const rows = new Map((await readMedia(this.#database, stored.map(hashOfReference))).map((row) => [row.sha256, row]))
    return new Map(
      stored.flatMap((reference) => {
        const row = rows.get(hashOfReference(reference))
        return row ? [[reference, row] as const] : []
      }),
    )
  }

  /** The function behind the hidden column of a media column: from what stands in the row to content in the store. */
  resolver(kind: MediaKind): FunctionDefinition {
    return {
      name: resolverName(kind),
      hash: resolveHash,
      inputs: [{ type: { kind: 'text' }, nullable: false }],
      output: { type: { kind: 'text' }, nullable: false },
      batch: null,
      pool: 'default',
      concurrency: 8,
      timeoutMs: 300_000,
      retry: { attempts: 5, backoff: 'exponential', initialMs: 1000, maxMs: 300_000 },
      memo: false,
      code: (reference: string, context: { signal: AbortSignal }) => this.resolve(reference, kind, context.signal),
    }
  }

  /** The store of this connection, for who collects its garbage. */
  get store(): MediaStore {
    return this.#options.store
  }

  readonly #known = async (key: string): Promise<MediaMetadata | null> => (await readMedia(this.#database, [hashOf(key)]))[0] ?? null

  readonly #sources: SourceMemory = {
    find: (reference) => readMediaSource(this.#database, reference),
    remember: (reference, source) => recordMediaSource(this.#database, reference, source),
  }

  readonly #record = async (medium: StoredMediaMetadata): Promise<boolean> => {
    await this.#options.claimed()
    return recordMedia(this.#database, medium)
  }
}

export function resolverName(kind: MediaKind): string {
  return `vivant.resolve.${kind}`
}

export function resolverReference(kind: MediaKind): { readonly name: string; readonly hash: string } {
  return { name: resolverName(kind), hash: resolveHash }
}

function hashOfReference(reference: string): string {
  return hashOf(parseFrameReference(reference)?.key ?? keyOfReference(reference))
}

function hashOf(key: string): string {
  return key.slice(0, 64)
}
