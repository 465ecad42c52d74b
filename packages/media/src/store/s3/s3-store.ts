import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { type MediaPutOptions, type MediaStore, type MediaUrlOptions, type StoredMedia, VivantError } from '@vivant/core'
import { collectContent } from '../../content/collect-content.ts'
import { chunksOf } from '../../content/content.ts'
import { limitBytes } from '../../content/limit-bytes.ts'
import { throwIfAborted } from '../../content/throw-if-aborted.ts'
import { hashContent } from '../../inspect/hash-content.ts'
import { parseMediaKey } from '../../reference/media-key.ts'
import { changedContent } from '../changed-content.ts'
import { saveTemporarily } from '../save-temporarily.ts'
import { verifiedStream } from '../verified-stream.ts'
import type { S3Location } from './s3-config.ts'
import type { S3Connection } from './s3-connection.ts'
import { isMissingObject } from './s3-error.ts'
import { openObject } from './s3-object.ts'

const partBytes = 8 * 1024 * 1024
const maxParts = 10_000
const week = 7 * 24 * 3600
const databasesFolder = '.databases/'

/**
 * Media in a bucket of any S3-compatible server: `prefix/ab/cd/<abcd…>.<extension>`, as in a folder store, so that tools
 * which copy folders to buckets move one.
 *
 * Content is uploaded as it streams, up to 8 MiB in one request, more in parts of which four are under way (32 MiB in
 * memory). The server checks the SHA-256 of every request; an upload whose content is not what was announced is given up
 * before it becomes visible. What is read is checked against the hash in its key. An object is uploaded again when it is
 * older than a day, which makes it young for a sweep by age.
 *
 * @throws MEDIA_TOO_LARGE, MEDIA_NOT_FOUND, MEDIA_INVALID, STORE_UNAVAILABLE, STORE_REFUSED, ABORTED
 */
export class S3Store implements MediaStore {
  readonly #connection: S3Connection
  readonly #location: S3Location

  constructor(connection: S3Connection, location: S3Location) {
    this.#connection = connection
    this.#location = location
  }

  async put(content: AsyncIterable<Uint8Array>, options: MediaPutOptions): Promise<StoredMedia> {
    parseMediaKey(`${options.sha256 ?? '0'.repeat(64)}.${options.extension}`)
    if (options.sha256 !== undefined) return this.#upload(content, options.sha256, options)
    // The key is the hash of it all, so it has to be read to its end before the first byte can be sent.
    await using collected = await collectContent(content, options)
    return await this.#upload(chunksOf(collected), await hashContent(collected, options.signal), options)
  }

  async get(key: string, options: { readonly signal?: AbortSignal } = {}): Promise<ReadableStream<Uint8Array>> {
    const { sha256 } = parseMediaKey(key)
    const { signal } = options
    throwIfAborted(signal)
    const { Bucket: bucket, Key: name } = this.#object(key)
    const object = await openObject(this.#connection, { bucket, key: name, signal })
    if (object === null || object === 'unchanged') throw new VivantError('MEDIA_NOT_FOUND', `The media store has no ${key}.`, { details: { key } })
    return verifiedStream(object.body, { key, sha256 })
  }

  async has(key: string): Promise<boolean> {
    return (await this.#head(key, undefined)) !== null
  }

  async localFile(key: string): Promise<{ readonly path: string } & AsyncDisposable> {
    return saveTemporarily(await this.get(key), parseMediaKey(key).extension)
  }

  async url(key: string, { expiresInSeconds = 3600 }: MediaUrlOptions = {}): Promise<string> {
    parseMediaKey(key)
    if (!Number.isInteger(expiresInSeconds) || expiresInSeconds < 1 || expiresInSeconds > week)
      throw new VivantError('CONFIGURATION_INVALID', `expiresInSeconds is ${expiresInSeconds}; a whole number from 1 to ${week} (a week) is needed.`)
    return this.#use(`sign a URL of ${key}`, undefined, ({ sdk, client }) =>
      sdk.presign.getSignedUrl(client, new sdk.client.GetObjectCommand(this.#object(key)), { expiresIn: expiresInSeconds }),
    )
  }

  async delete(key: string): Promise<void> {
    parseMediaKey(key)
    await this.#use(`delete ${key}`, undefined, ({ sdk, client }) => client.send(new sdk.client.DeleteObjectCommand(this.#object(key))))
  }

  async *list(): AsyncGenerator<{ readonly key: string; readonly sizeBytes: number; readonly storedAt: Date }, void, undefined> {
    for await (const { name, sizeBytes, storedAt } of this.#listed('')) {
      const [first, second, key = ''] = name.split('/')
      if (/^[0-9a-f]{64}\.[a-z0-9]{1,16}$/u.test(key) && key.slice(0, 2) === first && key.slice(2, 4) === second) yield { key, sizeBytes, storedAt }
    }
  }

  async claim(database: string): Promise<readonly string[]> {
    const names: string[] = []
    for await (const { name } of this.#listed(databasesFolder)) names.push(name.slice(databasesFolder.length))
    if (names.includes(database)) return names
    const object = { Bucket: this.#location.bucket, Key: `${this.#location.prefix}${databasesFolder}${database}`, Body: database }
    await this.#use('note a database', undefined, ({ sdk, client }) => client.send(new sdk.client.PutObjectCommand(object)))
    return [...names, database]
  }

  async #upload(content: AsyncIterable<Uint8Array>, sha256: string, options: MediaPutOptions): Promise<StoredMedia> {
    const { signal, mimeType, maxBytes } = options
    const key = `${sha256}.${options.extension}`
    throwIfAborted(signal)
    const standing = await this.#head(key, signal)
    if (standing && Date.now() - standing.storedAt.getTime() < dayMs) return { key, sha256, sizeBytes: standing.sizeBytes }
    const sent = { sizeBytes: 0 }
    // The last chunk is held back until the hash is known to be right: an upload that is cut off there never becomes an object.
    const body = Readable.from(checkedChunks(limitBytes(content, options), sha256, sent), { objectMode: false })
    await this.#use(`store ${key}`, signal, async ({ sdk, client }) => {
      const upload = new sdk.upload.Upload({
        client,
        params: { ...this.#object(key), Body: body, ContentType: mimeType, CacheControl: 'private, max-age=31536000, immutable' },
        partSize: Math.max(partBytes, Math.ceil(maxBytes / maxParts)),
        queueSize: 4,
      })
      const abort = (): void => void upload.abort()
      signal?.addEventListener('abort', abort, { once: true })
      try {
        await upload.done()
      } finally {
        signal?.removeEventListener('abort', abort)
        body.destroy()
      }
    })
    return { key, sha256, sizeBytes: sent.sizeBytes }
  }

  async #head(key: string, signal: AbortSignal | undefined): Promise<{ readonly sizeBytes: number; readonly storedAt: Date } | null> {
    parseMediaKey(key)
    return this.#use(`look for ${key}`, signal, async ({ sdk, client }) => {
      try {
        const found = await client.send(new sdk.client.HeadObjectCommand(this.#object(key)), signal ? { abortSignal: signal } : {})
        return { sizeBytes: found.ContentLength ?? 0, storedAt: found.LastModified ?? new Date(0) }
      } catch (error) {
        if (isMissingObject(error)) return null
        throw error
      }
    })
  }

  async *#listed(folder: string): AsyncGenerator<{ readonly name: string; readonly sizeBytes: number; readonly storedAt: Date }, void, undefined> {
    const { bucket, prefix } = this.#location
    for (let token: string | undefined; ;) {
      const page = await this.#use('list its media', undefined, ({ sdk, client }) =>
        client.send(
          new sdk.client.ListObjectsV2Command({ Bucket: bucket, Prefix: prefix + folder, ...(token === undefined ? {} : { ContinuationToken: token }) }),
        ),
      )
      for (const { Key: name = '', Size: sizeBytes = 0, LastModified: storedAt = new Date(0) } of page.Contents ?? [])
        yield { name: name.slice(prefix.length), sizeBytes, storedAt }
      token = page.NextContinuationToken
      if (!page.IsTruncated || token === undefined) return
    }
  }

  #object(key: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#location.bucket, Key: `${this.#location.prefix}${key.slice(0, 2)}/${key.slice(2, 4)}/${key}` }
  }

  #use: <T>(doing: string, signal: AbortSignal | undefined, work: Parameters<typeof S3Connection.prototype.use<T>>[3]) => Promise<T> = (doing, signal, work) =>
    this.#connection.use(this.#location.bucket, doing, signal, work)
}

const dayMs = 24 * 3_600_000

async function* checkedChunks(source: AsyncIterable<Uint8Array>, sha256: string, sent: { sizeBytes: number }): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256')
  let held: Uint8Array | null = null
  for await (const chunk of source) {
    hash.update(chunk)
    sent.sizeBytes += chunk.byteLength
    if (held) yield held
    held = chunk
  }
  if (hash.digest('hex') !== sha256) throw changedContent()
  if (held) yield held
}
