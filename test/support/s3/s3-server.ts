import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Keys, signatureProblem } from './verify-signature.ts'

export interface S3Object {
  readonly bytes: Buffer
  readonly etag: string
  readonly contentType: string
  storedAt: Date
}

export interface S3Request {
  readonly method: string
  /** Without the bucket. */
  readonly key: string
  readonly query: URLSearchParams
  readonly body: Buffer
}

/**
 * What goes wrong with a request: an answer in its place; no answer at all; half an answer; other bytes than were stored, or bytes
 * that change on their way to the server.
 */
export type Fault = { readonly status: number; readonly code: string } | 'silence' | 'half' | 'damaged-answer' | 'damaged-request'

export interface TestS3Server extends AsyncDisposable {
  readonly endpoint: string
  readonly bucket: string
  readonly objects: Map<string, S3Object>
  /** Uploads that were begun and neither completed nor given up. */
  readonly uploads: Map<string, { readonly key: string; readonly contentType: string; readonly parts: Map<number, Buffer> }>
  readonly requests: S3Request[]
  /** Asked for each request. */
  fault: ((request: S3Request) => Fault | undefined) | null
}

interface Place {
  readonly server: TestS3Server
  readonly request: S3Request
  readonly headers: IncomingMessage['headers']
  readonly response: ServerResponse
}

/**
 * The part of the S3 protocol that stores use, on this machine, in memory: signatures and payload hashes are verified, uploads have
 * parts, reads have ranges and conditions, and faults can be had as they are wanted.
 */
export async function startTestS3Server(keys: Keys): Promise<TestS3Server> {
  const http = createServer((incoming, response) => {
    void answer(incoming, response).catch((error: unknown) => response.destroy(error as Error))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const server: TestS3Server = {
    endpoint: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    bucket: 'media',
    objects: new Map(),
    uploads: new Map(),
    requests: [],
    fault: null,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        http.close(() => resolve())
        http.closeAllConnections()
      }),
  }

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat((await incoming.toArray()) as Buffer[])
    const url = new URL(incoming.url ?? '/', server.endpoint)
    const [, bucket, ...rest] = decodeURIComponent(url.pathname).split('/')
    const request = { method: incoming.method ?? '', key: rest.join('/'), query: url.searchParams, body }
    server.requests.push(request)
    const fault = server.fault?.(request)
    if (fault === 'silence') return
    if (fault === 'half') {
      response.writeHead(200, { 'content-length': 1000 }).write('half of')
      return void setTimeout(() => response.destroy(), 20)
    }
    if (typeof fault === 'object') return fail(response, fault.status, fault.code)
    const problem = signatureProblem(incoming, fault === 'damaged-request' ? Buffer.concat([body, Buffer.from('x')]) : body, keys)
    if (problem) return fail(response, problem === 'XAmzContentSHA256Mismatch' ? 400 : 403, problem)
    if (bucket !== server.bucket) return fail(response, 404, 'NoSuchBucket')
    const place = { server, request, headers: incoming.headers, response }
    if (request.key === '') return list(place)
    const handler = handlers[`${request.method}${request.query.has('uploads') ? ' uploads' : request.query.has('uploadId') ? ' part' : ''}`]
    if (!handler) return fail(response, 501, 'NotImplemented')
    handler(place, fault === 'damaged-answer')
  }
  return server
}

const handlers: Readonly<Record<string, (place: Place, isDamaged: boolean) => void>> = {
  GET: read,
  HEAD: read,
  PUT: ({ server, request, headers, response }) => {
    response.writeHead(200, { etag: store(server, request.key, request.body, headers['content-type'] ?? '') }).end()
  },
  DELETE: ({ server, request, response }) => {
    server.objects.delete(request.key)
    response.writeHead(204).end()
  },
  'POST uploads': ({ server, request, headers, response }) => {
    const id = randomUUID()
    server.uploads.set(id, { key: request.key, contentType: headers['content-type'] ?? '', parts: new Map() })
    xml(response, `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`)
  },
  'PUT part': ({ server, request, response }) => {
    const upload = server.uploads.get(request.query.get('uploadId')!)
    if (!upload) return fail(response, 404, 'NoSuchUpload')
    upload.parts.set(Number(request.query.get('partNumber')), request.body)
    response.writeHead(200, { etag: `"${md5(request.body)}"` }).end()
  },
  'POST part': ({ server, request, response }) => {
    const id = request.query.get('uploadId')!
    const upload = server.uploads.get(id)
    const listed = [...request.body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber>/gu)].map(([, number]) => Number(number))
    if (!upload || listed.length !== upload.parts.size) return fail(response, 400, 'InvalidPart')
    server.uploads.delete(id)
    store(server, upload.key, Buffer.concat(listed.map((number) => upload.parts.get(number)!)), upload.contentType)
    xml(response, `<CompleteMultipartUploadResult><Key>${upload.key}</Key></CompleteMultipartUploadResult>`)
  },
  'DELETE part': ({ server, request, response }) => {
    server.uploads.delete(request.query.get('uploadId')!)
    response.writeHead(204).end()
  },
}

function read({ server, request, headers, response }: Place, isDamaged: boolean): void {
  const object = server.objects.get(request.key)
  if (!object) return fail(response, 404, 'NoSuchKey')
  const { bytes, etag, contentType, storedAt } = object
  const always = { etag, 'last-modified': storedAt.toUTCString(), 'content-type': contentType }
  if (headers['if-none-match'] === etag) return void response.writeHead(304, always).end()
  const content = isDamaged ? Buffer.from(bytes.map((byte, index) => (index === 0 ? byte ^ 1 : byte))) : bytes
  response.writeHead(200, { ...always, 'content-length': content.byteLength })
  response.end(request.method === 'HEAD' ? undefined : content)
}

/** Two at a time, so that a listing has pages. */
function list({ server, request, response }: Place): void {
  const prefix = request.query.get('prefix') ?? ''
  const after = request.query.get('continuation-token') ?? ''
  const found = [...server.objects].filter(([key]) => key.startsWith(prefix) && key > after).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const page = found.slice(0, 2)
  const more = found.length > page.length
  const contents = page.map(
    ([key, { bytes, storedAt, etag }]) =>
      `<Contents><Key>${key}</Key><Size>${bytes.byteLength}</Size><LastModified>${storedAt.toISOString()}</LastModified><ETag>${etag}</ETag></Contents>`,
  )
  const next = more ? `<NextContinuationToken>${page.at(-1)![0]}</NextContinuationToken>` : ''
  xml(response, `<ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`)
}

function store(server: TestS3Server, key: string, bytes: Buffer, contentType: string): string {
  const etag = `"${md5(bytes)}"`
  server.objects.set(key, { bytes, etag, contentType, storedAt: new Date() })
  return etag
}

function fail(response: ServerResponse, status: number, code: string): void {
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>refused</Message></Error>`
  response.writeHead(status, { 'content-type': 'application/xml' }).end(response.req.method === 'HEAD' ? undefined : body)
}

function xml(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': 'application/xml' }).end(`<?xml version="1.0"?>${body}`)
}

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex')
}
