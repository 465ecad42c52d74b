import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Media, type MediaInput, VivantError } from '@vivant/core'
import { collectContent, memoryLimitBytes } from '../content/collect-content.ts'
import { type Content, memoryContent } from '../content/content.ts'
import { mediaTooLarge } from '../content/limit-bytes.ts'
import type { MediaHint } from '../inspect/sniff-text.ts'
import { downloadInput } from './download-input.ts'
import { parseBucketReference, readBucket } from '../resolve/read-bucket.ts'
import type { S3Connection } from '../store/s3/s3-connection.ts'
import { openLocalFile } from './open-local-file.ts'

export interface OpenInputOptions {
  readonly maxBytes: number
  readonly signal?: AbortSignal | undefined
  readonly fetch?: typeof globalThis.fetch | undefined
  /** For s3:// URLs. */
  readonly s3?: S3Connection | undefined
}

export interface OpenedInput extends AsyncDisposable {
  readonly content: Content
  readonly hint: MediaHint
}

/** Brings whatever the API was given to content on this machine. */
export async function openInput(input: Exclude<MediaInput, Media>, options: OpenInputOptions): Promise<OpenedInput> {
  if (typeof input === 'string') return openText(input, options)
  if (input instanceof URL) return openUrl(input, options)
  if (input instanceof Uint8Array) return openBytes(input, options)
  if (input instanceof Blob) return openBlob(input, options)
  if (isStream(input)) return openStream(bytesOf(input), {}, options)
  throw new VivantError('MEDIA_INVALID', `A medium is a path, a URL, bytes (Uint8Array), a stream, a Blob or a handle, not ${describe(input)}.`)
}

async function openText(text: string, options: OpenInputOptions): Promise<OpenedInput> {
  if (text.trim() === '' || text.includes('\0')) throw new VivantError('MEDIA_INVALID', `${JSON.stringify(text)} is neither a path nor a URL.`)
  if (/^data:/i.test(text)) throw new VivantError('MEDIA_INVALID', 'A data: URL is not read: give its bytes, Buffer.from(base64, "base64").')
  // One letter before the colon is a drive of Windows.
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(text) ? openUrl(parseUrl(text), options) : openFile(text, options)
}

async function openUrl(url: URL, options: OpenInputOptions): Promise<OpenedInput> {
  if (url.protocol === 'file:') return openFile(pathOf(url), options)
  if (url.protocol === 's3:' && options.s3) {
    const read = await readBucket(parseBucketReference(decodeURI(url.href)), options.s3, null, options)
    if (read !== 'unchanged') return read
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new VivantError('MEDIA_INVALID', `${url.href}: ${url.protocol}// cannot be read here. Give a path, an http(s) URL or the bytes.`)
  }
  const download = await downloadInput(url, options)
  return openStream(download.body, download.hint, options, url.href)
}

async function openFile(path: string, options: OpenInputOptions): Promise<OpenedInput> {
  const { file, sizeBytes } = await openLocalFile(path)
  const name = basename(path)
  if (sizeBytes > memoryLimitBytes && sizeBytes <= options.maxBytes) {
    // A large file is read where it lies: its hash tells if it changes meanwhile.
    await file.close()
    return { content: { path, sizeBytes }, hint: { name }, [Symbol.asyncDispose]: async () => {} }
  }
  if (sizeBytes > options.maxBytes) {
    await file.close()
    throw mediaTooLarge({ ...options, name: `the file ${path}` })
  }
  // No larger than the file: a megabyte for each small one made the collector run for every few of them.
  return openStream(file.createReadStream({ highWaterMark: Math.min(1024 * 1024, Math.max(1, sizeBytes)) }), { name }, options, `the file ${path}`)
}

function openBytes(bytes: Uint8Array, options: OpenInputOptions): OpenedInput {
  if (bytes.byteLength > options.maxBytes) throw mediaTooLarge(options)
  return { content: memoryContent(bytes), hint: {}, [Symbol.asyncDispose]: async () => {} }
}

async function openBlob(blob: Blob, options: OpenInputOptions): Promise<OpenedInput> {
  const name = 'name' in blob && typeof blob.name === 'string' ? blob.name : undefined
  if (blob.size > options.maxBytes) throw mediaTooLarge(options)
  return openStream(blob.stream(), { name, mimeType: blob.type || undefined }, options)
}

async function openStream(stream: AsyncIterable<Uint8Array>, hint: MediaHint, options: OpenInputOptions, name?: string): Promise<OpenedInput> {
  const content = await collectContent(stream, { ...options, ...(name === undefined ? {} : { name }) })
  return { content, hint, [Symbol.asyncDispose]: () => content[Symbol.asyncDispose]() }
}

function isStream(input: unknown): input is AsyncIterable<unknown> {
  return typeof input === 'object' && input !== null && Symbol.asyncIterator in input
}

/** A stream of Node's with an encoding gives text. */
async function* bytesOf(stream: AsyncIterable<unknown>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) throw new VivantError('MEDIA_INVALID', `The stream gave ${describe(chunk)}, not bytes (Uint8Array).`)
    yield chunk
  }
}

function parseUrl(text: string): URL {
  if (URL.canParse(text)) return new URL(text)
  throw new VivantError('MEDIA_INVALID', `${JSON.stringify(text)} is not a valid URL.`)
}

function pathOf(url: URL): string {
  try {
    return fileURLToPath(url)
  } catch (error) {
    throw new VivantError('MEDIA_INVALID', `${url.href} does not name a file on this machine.`, { cause: error })
  }
}

function describe(value: unknown): string {
  return value === null ? 'null' : typeof value === 'object' ? (value.constructor?.name ?? 'an object') : typeof value
}
