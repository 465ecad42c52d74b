import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { afterAll, describe, expect, test } from 'vitest'
import { readAll } from '../../packages/media/src/content/read-all.ts'
import { parseS3Location } from '../../packages/media/src/store/s3/s3-config.ts'
import { S3Connection } from '../../packages/media/src/store/s3/s3-connection.ts'
import { S3Store } from '../../packages/media/src/store/s3/s3-store.ts'
import { chunks, describeMediaStore, type MediaStoreHarness } from '../../packages/media/src/store/media-store.contract.ts'
import { startVersityGateway } from '../support/s3/versity-gateway.ts'

const keys = { accessKeyId: 'vivant', secretAccessKey: 'a-secret-of-the-tests' }
const program = await startVersityGateway(keys)
const options = { extension: 'bin', mimeType: 'application/octet-stream', maxBytes: 100_000_000 }

afterAll(async () => {
  if (typeof program === 'string') console.log(`S3 server program not tested: ${program}`)
  else await program[Symbol.asyncDispose]()
})

describe.skipIf(typeof program === 'string')('a server program', () => {
  describeMediaStore('a bucket of it', openStore)

  test('content of several parts, streamed with its hash', async () => {
    await using at = await openStore()
    const bytes = randomBytes(30_000_000)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const { key } = await at.store.put(chunks(bytes), { ...options, sha256 })
    expect(Buffer.compare(Buffer.from(await readAll(await at.store.get(key))), bytes)).toBe(0)
    const answer = await fetch(await at.store.url(key, { expiresInSeconds: 60 }))
    expect([answer.status, answer.headers.get('content-type'), (await answer.arrayBuffer()).byteLength]).toEqual([200, 'application/octet-stream', 30_000_000])
  })

  test('other content than was announced is not stored', async () => {
    await using at = await openStore()
    for (const size of [10, 30_000_000])
      await expect(at.store.put(chunks(randomBytes(size)), { ...options, sha256: 'a'.repeat(64) })).rejects.toMatchObject({ code: 'MEDIA_INVALID' })
    expect(await at.store.has(`${'a'.repeat(64)}.bin`)).toBe(false)
  })

  test('wrong keys and a bucket that is not there', async () => {
    process.env['VIVANT_TEST_WRONG'] = 'wrong'
    const put = (secret: string, bucket: string): Promise<unknown> => storeAt(secret, bucket).put(chunks(Buffer.from('x')), options)
    await expect(put('VIVANT_TEST_WRONG', 's3://media/x')).rejects.toMatchObject({ code: 'STORE_REFUSED' })
    await expect(put('VIVANT_TEST_S3_SECRET', 's3://elsewhere/x')).rejects.toThrow('no such bucket')
  })

  test('databases see each other', async () => {
    await using at = await openStore()
    expect([await at.store.claim('a'), await at.store.claim('b')]).toEqual([['a'], ['a', 'b']])
  })
})

async function openStore(): Promise<MediaStoreHarness & { readonly store: S3Store }> {
  return { store: storeAt('VIVANT_TEST_S3_SECRET', `s3://media/${randomUUID()}`), [Symbol.asyncDispose]: async () => {} }
}

function storeAt(secret: string, place: string): S3Store {
  process.env['VIVANT_TEST_S3_KEY'] = keys.accessKeyId
  process.env['VIVANT_TEST_S3_SECRET'] = keys.secretAccessKey
  const credentials = { accessKeyId: { env: 'VIVANT_TEST_S3_KEY' }, secretAccessKey: { env: secret } }
  return new S3Store(new S3Connection({ endpoint: typeof program === 'string' ? '' : program.endpoint, credentials, maxAttempts: 1 }), parseS3Location(place))
}
