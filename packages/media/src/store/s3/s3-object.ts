import type { Readable } from 'node:stream'
import type { S3Connection } from './s3-connection.ts'
import { isMissingObject } from './s3-error.ts'

export interface OpenObject {
  readonly body: AsyncIterable<Uint8Array>
  readonly etag: string | undefined
  readonly contentType: string | undefined
}

export interface ObjectRequest {
  readonly bucket: string
  readonly key: string
  /** Of what is known already: then nothing is sent if it is still the same. */
  readonly etag?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** Begins to read an object; null if there is none. What breaks off later breaks the reading off. */
export async function openObject(connection: S3Connection, { bucket, key, etag, signal }: ObjectRequest): Promise<OpenObject | 'unchanged' | null> {
  return connection.use(bucket, `give ${key}`, signal, async ({ sdk, client }) => {
    try {
      const command = new sdk.client.GetObjectCommand({ Bucket: bucket, Key: key, ...(etag === undefined ? {} : { IfNoneMatch: etag }) })
      const answer = await client.send(command, signal ? { abortSignal: signal } : {})
      return { body: bodyOf(connection, answer.Body as Readable, { bucket, key, signal }), etag: answer.ETag, contentType: answer.ContentType }
    } catch (error) {
      if ((error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode === 304) return 'unchanged'
      if (isMissingObject(error)) return null
      throw error
    }
  })
}

async function* bodyOf(connection: S3Connection, body: Readable, { bucket, key, signal }: ObjectRequest): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  try {
    for (;;) {
      const next = await connection.use(bucket, `give all of ${key}`, signal, () => chunks.next())
      if (next.done) return
      yield next.value
    }
  } finally {
    body.destroy()
  }
}
