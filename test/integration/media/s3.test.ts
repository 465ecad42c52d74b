import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, type Database, t } from 'vivant'
import { image } from 'vivant/image'
import { startTestS3Server, type TestS3Server } from '../../support/s3/s3-server.ts'

const keys = { accessKeyId: 'integration', secretAccessKey: 'b secret' }
let server: TestS3Server
let folder: string
let db: Database

beforeAll(async () => {
  server = await startTestS3Server(keys)
  folder = await mkdtemp(join(tmpdir(), 'vivant-s3-'))
  process.env['VIVANT_TEST_S3_KEY'] = keys.accessKeyId
  process.env['VIVANT_TEST_S3_SECRET'] = keys.secretAccessKey
  db = await connect('memory:', {
    media: {
      store: 's3://media/pictures',
      endpoint: server.endpoint,
      credentials: { accessKeyId: { env: 'VIVANT_TEST_S3_KEY' }, secretAccessKey: { env: 'VIVANT_TEST_S3_SECRET' } },
      cache: { folder: join(folder, 'cache'), maxBytes: 1_000_000 },
      maxAttempts: 1,
    },
  })
})

afterAll(async () => {
  await db?.close()
  await server?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

test('pictures in a bucket are computed, and handed out by signed URLs', async () => {
  const pictures = await db.createTable('pictures', { picture: t.image() }).addComputedColumn('thumb', (p) => image.resize(p.picture, { width: 4 }))
  const { run } = await pictures.insert([{ picture: await picture(1) }, { picture: await picture(2) }], { wait: true })
  expect(run).toMatchObject({ ran: 2, failed: 0 })
  const [row] = await pictures
    .ready()
    .select((p) => ({ thumb: p.thumb }))
    .execute()
  const answer = await fetch(await row!.thumb.url({ expiresInSeconds: 60 }))
  expect(answer.headers.get('content-type')).toBe('image/png')
  expect((await sharp(await answer.arrayBuffer()).metadata()).width).toBe(4)
  expect([...server.objects.keys()].filter((key) => key.startsWith('pictures/'))).toHaveLength(4)
})

test('a store that is down fails the insert as a whole: no row is taken for a broken one', async () => {
  const files = await db.createTable('files', { file: t.file() })
  server.fault = (request) => (request.method === 'PUT' ? { status: 507, code: 'StorageFull' } : undefined)
  await expect(files.insert([{ file: Buffer.from('a') }], { onInvalid: 'skip' })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  server.fault = null
  expect(await files.count()).toBe(0)
  expect((await files.insert([{ file: Buffer.from('a') }])).count).toBe(1)
})

test.each([
  [{ store: 'gs://bucket' }, /a folder or s3:\/\//u],
  [{ store: 's3://media', endpiont: 'http://x' }, /media\.endpiont is not known/u],
  [{ store: 's3://media', credentials: { accessKeyId: 'AKIA', secretAccessKey: 'hush' } }, /not taken literally/u],
  [{ store: 's3://media', endpoint: 'localhost:9000' }, /media\.endpoint/u],
  [{ store: 's3://media', cache: { maxBytes: -1 } }, /cache\.maxBytes/u],
  [{ maxBytes: Number.NaN }, /media\.maxBytes/u],
])('%j is refused before the database is opened', async (media, message) => {
  await expect(connect('memory:', { media: media as never })).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringMatching(message) as string,
  })
})

function picture(red: number): Promise<Buffer> {
  return sharp({ create: { width: 8, height: 8, channels: 3, background: { r: red * 50, g: 0, b: 0 } } })
    .png()
    .toBuffer()
}
