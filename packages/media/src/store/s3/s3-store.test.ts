import { createHash, randomBytes } from 'node:crypto'
import type { MediaPutOptions } from '@vivant/core'
import { describe, expect, test } from 'vitest'
import { readAll } from '../../content/read-all.ts'
import { type Fault, type S3Request, startTestS3Server, type TestS3Server } from '../../../../../test/support/s3/s3-server.ts'
import { chunks, describeMediaStore, keys } from '../media-store.contract.ts'
import { parseS3Location, type S3Options } from './s3-config.ts'
import { S3Connection } from './s3-connection.ts'
import { S3Store } from './s3-store.ts'

process.env['VIVANT_TEST_S3_KEY'] = 'key'
process.env['VIVANT_TEST_S3_SECRET'] = 'a secret/with+signs'
const credentials = { accessKeyId: { env: 'VIVANT_TEST_S3_KEY' }, secretAccessKey: { env: 'VIVANT_TEST_S3_SECRET' } }
const options: MediaPutOptions = { extension: 'txt', mimeType: 'text/plain', maxBytes: 100_000_000 }

describeMediaStore('a bucket', () => openStore())

test('an object has its type, may be kept by browsers, and lies where a folder store has it', async () => {
  await using at = await openStore()
  const { key } = await at.store.put(chunks(Buffer.from('hello')), options)
  const [name, object] = [...at.server.objects][0]!
  expect(name).toBe(`pictures/2c/f2/${key}`)
  expect(object).toMatchObject({ contentType: 'text/plain', bytes: Buffer.from('hello') })
})

test('content of more than one part is uploaded in parts, each with its checksum', async () => {
  await using at = await openStore()
  const bytes = randomBytes(20_000_000)
  const { key } = await at.store.put(chunks(bytes), options)
  expect(at.server.requests.filter((request) => request.query.has('partNumber')).map((request) => request.body.byteLength)).toEqual(
    expect.arrayContaining([8_388_608, 8_388_608, 3_222_784]),
  )
  expect(Buffer.compare(Buffer.from(await readAll(await at.store.get(key))), bytes)).toBe(0)
})

test('with the hash given it streams: parts leave before the source has ended', async () => {
  await using at = await openStore()
  const bytes = randomBytes(20_000_000)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  async function* source(): AsyncGenerator<Uint8Array> {
    yield* chunks(bytes.subarray(0, 18_000_000), 2_000_000)
    // It would wait here for ever if the store read to the end first.
    while (!at.server.requests.some((request) => request.query.has('partNumber'))) await new Promise((resolve) => setTimeout(resolve, 5))
    yield bytes.subarray(18_000_000)
  }
  expect((await at.store.put(source(), { ...options, sha256 })).sha256).toBe(sha256)
})

test.each([10, 20_000_000])('content of %i bytes that is not what was announced never becomes an object', async (size) => {
  await using at = await openStore()
  const sha256 = createHash('sha256').update('other').digest('hex')
  await expect(at.store.put(chunks(randomBytes(size)), { ...options, sha256 })).rejects.toMatchObject({ code: 'MEDIA_INVALID' })
  expect(at.server.objects.size).toBe(0)
  expect(at.server.uploads.size).toBe(0)
})

test('what is there is not sent again while it is young; an old object is, which makes it young', async () => {
  await using at = await openStore()
  const { key } = await at.store.put(chunks(Buffer.from('hello')), options)
  const sent = (): number => at.server.requests.filter((request) => request.method === 'PUT').length
  await at.store.put(chunks(Buffer.from('hello')), options)
  expect(sent()).toBe(1)
  const object = at.server.objects.get(`pictures/2c/f2/${key}`)!
  object.storedAt = new Date(Date.now() - 25 * 3_600_000)
  await at.store.put(chunks(Buffer.from('hello')), options)
  expect(sent()).toBe(2)
  for await (const { storedAt } of at.store.list()) expect(Date.now() - storedAt.getTime()).toBeLessThan(60_000)
})

test('a signed URL is read without keys, and no longer than it says', async () => {
  await using at = await openStore()
  const { key } = await at.store.put(chunks(Buffer.from('hello')), options)
  const url = await at.store.url(key, { expiresInSeconds: 60 })
  const answer = await fetch(url)
  expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([200, 'text/plain', 'hello'])
  expect((await fetch(url.replace('X-Amz-Expires=60', 'X-Amz-Expires=600'))).status).toBe(403)
  expect((await fetch(url.split('?')[0]!)).status).toBe(403)
  expect(url).not.toContain('secret')
  for (const expiresInSeconds of [0, 1.5, 604_801])
    await expect(at.store.url(key, { expiresInSeconds })).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' })
})

test('databases that keep media in one place see each other', async () => {
  await using at = await openStore()
  expect(await at.store.claim('a')).toEqual(['a'])
  expect(await at.store.claim('b')).toEqual(['a', 'b'])
  expect(await keys(at.store)).toEqual([])
})

describe('when the server fails', () => {
  const isContent = (request: S3Request): boolean => request.method === 'PUT' || request.method === 'GET'
  const faults: readonly [string, Fault, string, RegExp][] = [
    ['is full', { status: 507, code: 'XMinioStorageFull' }, 'STORE_UNAVAILABLE', /is full/u],
    ['has a quota', { status: 403, code: 'QuotaExceeded' }, 'STORE_UNAVAILABLE', /is full/u],
    ['answers 503', { status: 503, code: 'ServiceUnavailable' }, 'STORE_UNAVAILABLE', /503/u],
    ['answers 500', { status: 500, code: 'InternalError' }, 'STORE_UNAVAILABLE', /500/u],
    ['does not answer', 'silence', 'STORE_UNAVAILABLE', /does not answer/u],
    ['refuses', { status: 403, code: 'AccessDenied' }, 'STORE_REFUSED', /no right/u],
  ]
  test.each(faults)('it %s: storing and reading say so, and nothing is half-stored', async (_, fault, code, message) => {
    await using at = await openStore({ timeoutMs: 150, maxAttempts: 2 })
    const { key } = await at.store.put(chunks(Buffer.from('hello')), options)
    at.server.fault = (request) => (isContent(request) ? fault : undefined)
    await expect(at.store.put(chunks(Buffer.from('other')), options)).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string })
    await expect(at.store.get(key)).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string })
    at.server.fault = null
    expect(await keys(at.store)).toEqual([key])
  })

  test('a part that fails ends the upload, and its other parts go', async () => {
    await using at = await openStore({ maxAttempts: 1 })
    at.server.fault = (request) => (request.query.get('partNumber') === '2' ? { status: 500, code: 'InternalError' } : undefined)
    await expect(at.store.put(chunks(randomBytes(20_000_000)), options)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect([at.server.uploads.size, at.server.objects.size]).toEqual([0, 0])
  })

  test('a passing failure is tried again', async () => {
    await using at = await openStore()
    let left = 2
    at.server.fault = (request) => (isContent(request) && left-- > 0 ? { status: 500, code: 'InternalError' } : undefined)
    const { key } = await at.store.put(chunks(Buffer.from('hello')), options)
    left = 2
    expect(Buffer.from(await readAll(await at.store.get(key))).toString()).toBe('hello')
  })

  test('bytes that are damaged on their way are not stored', async () => {
    await using at = await openStore({ maxAttempts: 1 })
    at.server.fault = (request) => (request.method === 'PUT' ? 'damaged-request' : undefined)
    await expect(at.store.put(chunks(Buffer.from('hello')), options)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(at.server.objects.size).toBe(0)
  })

  test('an answer that breaks off, and other bytes than were stored, fail the reader', async () => {
    await using at = await openStore()
    const { key } = await at.store.put(chunks(Buffer.from('hello')), options)
    at.server.fault = () => 'half'
    await expect(at.store.get(key).then(readAll)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await expect(at.store.localFile(key)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    at.server.fault = () => 'damaged-answer'
    await expect(at.store.get(key).then(readAll)).rejects.toMatchObject({ code: 'MEDIA_INVALID', message: expect.stringContaining('other bytes') as string })
  })

  test('wrong keys, a missing bucket and a port where nobody listens are told apart', async () => {
    await using at = await openStore()
    const put = (other: S3Options, bucket = 's3://media'): Promise<unknown> =>
      new S3Store(new S3Connection({ endpoint: at.server.endpoint, maxAttempts: 1, ...other }), parseS3Location(bucket)).put(chunks(Buffer.from('x')), options)
    const failed = (call: Promise<unknown>): Promise<unknown> => call.then(() => null, String)
    const secret = { ...credentials, secretAccessKey: { env: 'VIVANT_TEST_S3_KEY' } }
    expect(await failed(put({ credentials: secret }))).toMatch(/no right|refuses the keys/u)
    expect(await failed(put({ credentials, endpoint: 'http://127.0.0.1:9' }))).toMatch(/ECONNREFUSED/u)
    expect(await failed(put({ credentials }, 's3://elsewhere'))).toMatch(/no such bucket/u)
    expect(await failed(put({ credentials: { ...credentials, accessKeyId: { env: 'VIVANT_TEST_NOT_SET' } } }))).toMatch(/VIVANT_TEST_NOT_SET is not set/u)
    await expect(put({ credentials: secret })).rejects.toMatchObject({ code: 'STORE_REFUSED' })
  })

  test('an upload that is aborted leaves nothing', async () => {
    await using at = await openStore()
    const abort = new AbortController()
    async function* source(): AsyncGenerator<Uint8Array> {
      for (let part = 0; ; part++) {
        if (part === 4) abort.abort()
        yield Buffer.alloc(4_000_000, part)
      }
    }
    const sha256 = 'a'.repeat(64)
    await expect(at.store.put(source(), { ...options, sha256, signal: abort.signal })).rejects.toMatchObject({ code: 'ABORTED' })
    expect([at.server.uploads.size, at.server.objects.size]).toEqual([0, 0])
  })
})

test.each(['s3://', 's3://Media', 's3://media/../x', 's3://media//x', 's3://media/a/./b', 'https://media', 's3://a'])('%j is no place', (text) => {
  expect(() => parseS3Location(text)).toThrow(expect.objectContaining({ code: 'CONFIGURATION_INVALID' }) as Error)
})

test('a key that is given literally is refused and not printed', () => {
  const literal = { ...credentials, secretAccessKey: 'wJalrXUtnFEMI' } as unknown as S3Options['credentials'] & {}
  expect(() => new S3Connection({ credentials: literal })).toThrow(/secretAccessKey is not taken literally/u)
  expect(() => new S3Connection({ credentials: literal })).not.toThrow(/wJalr/u)
})

interface Harness extends AsyncDisposable {
  readonly server: TestS3Server
  readonly store: S3Store
}

async function openStore(more: S3Options = {}): Promise<Harness> {
  const server = await startTestS3Server({ accessKeyId: 'key', secretAccessKey: 'a secret/with+signs' })
  const connection = new S3Connection({ endpoint: server.endpoint, credentials, ...more })
  return {
    server,
    store: new S3Store(connection, parseS3Location('s3://media/pictures')),
    [Symbol.asyncDispose]: async () => {
      await connection[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}
