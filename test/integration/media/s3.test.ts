import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { sql } from 'kysely'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, type Database, t, udf } from 'vivant'
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
      allowedRoots: ['s3://media/incoming', folder],
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
  expect([...server.objects.keys()].filter((key) => /^pictures\/..\/../u.test(key))).toHaveLength(4)
})

test('a store that is down fails the insert as a whole: no row is taken for a broken one', async () => {
  const files = await db.createTable('files', { file: t.file() })
  server.fault = (request) => (request.method === 'PUT' ? { status: 507, code: 'StorageFull' } : undefined)
  await expect(files.insert([{ file: Buffer.from('a') }], { onInvalid: 'skip' })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  server.fault = null
  expect(await files.count()).toBe(0)
  expect((await files.insert([{ file: Buffer.from('a') }])).count).toBe(1)
})

test('references to objects and files are followed where that is allowed, and looked at again by refresh', async () => {
  const sizeOf = udf({ name: 'size_of_file', input: [t.file()], output: t.int(), version: '1' }, async (file) => (calls++, (await file.bytes()).byteLength))
  let calls = 0
  const links = await db.createTable('links', { name: t.text(), file: t.file() }).addComputedColumn('size', (row) => sizeOf(row.file))
  const put = (key: string, text: string): void => {
    server.objects.set(key, { bytes: Buffer.from(text), etag: `"${text}"`, contentType: 'text/plain', storedAt: new Date() })
  }
  put('incoming/a.txt', 'one')
  put('secret/b.txt', 'hidden')
  const path = join(folder, 'c.txt')
  await writeFile(path, 'file')
  const places = { a: 's3://media/incoming/a.txt', b: 's3://media/secret/b.txt', dots: 's3://media/incoming/../secret/b.txt', c: pathToFileURL(path).href }
  for (const [name, place] of Object.entries(places)) await sql`insert into links (name, file) values (${name}, ${place})`.execute(db.kysely)
  await db.settled()
  const sizes = async (): Promise<Record<string, number | null>> =>
    Object.fromEntries((await links.select((row) => ({ name: row.name, size: row.size })).execute()).map(({ name, size }) => [name, size]))
  expect(await sizes()).toEqual({ a: 3, b: null, dots: null, c: 4 })
  const failures = await links.failures({ column: 'size' })
  expect(failures).toEqual([])
  expect((await db.settled()).failed).toBe(0)

  // Nothing has changed: the object is not sent, and nothing is computed.
  const before = calls
  const sent = server.requests.length
  await links.refresh('file')
  expect(server.requests.slice(sent).filter((request) => request.key === 'incoming/a.txt')).toHaveLength(1)
  expect(calls).toBe(before)
  // Other names of the same bytes, then other bytes.
  server.objects.get('incoming/a.txt')!.storedAt = new Date(0)
  put('incoming/a.txt', 'three')
  await writeFile(path, 'longer file')
  await links.refresh('file', { where: (row) => row.name.eq('a') })
  expect(await sizes()).toMatchObject({ a: 5, c: 4 })
  expect(calls).toBe(before + 1)
  await links.refresh('file')
  expect(await sizes()).toMatchObject({ a: 5, c: 11 })
  expect(calls).toBe(before + 2)
  await expect(links.refresh('name')).rejects.toMatchObject({ code: 'COLUMN_NOT_FOUND', message: expect.stringContaining('there is file') as string })

  // With one's own rights any bucket is read.
  expect((await links.insert([{ name: 'own', file: 's3://media/secret/b.txt' }], { wait: true })).run).toMatchObject({ ran: 1 })
  await expect(links.insert([{ name: 'own', file: 's3://media/nothing' }])).rejects.toThrow('is not there')
})

test.each([
  [{ store: 'gs://bucket' }, /a folder or s3:\/\//u],
  [{ store: 's3://media', endpiont: 'http://x' }, /no option "endpiont"; did you mean "endpoint"/u],
  [{ store: 's3://media', credentials: { accessKeyId: 'AKIA', secretAccessKey: 'hush' } }, /not taken literally/u],
  [{ store: 's3://media', endpoint: 'localhost:9000' }, /media\.endpoint/u],
  [{ store: 's3://media', cache: { maxBytes: -1 } }, /cache\.maxBytes/u],
  [{ maxBytes: Number.NaN }, /media\.maxBytes/u],
  [{ allowedRoots: ['s3://Media'] }, /no place in S3/u],
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
