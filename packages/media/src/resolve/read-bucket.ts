import { isVivantError, VivantError } from '@vivant/core'
import { collectContent } from '../content/collect-content.ts'
import type { LimitOptions } from '../content/limit-bytes.ts'
import { isPlainKey, parseS3Location } from '../store/s3/s3-config.ts'
import type { S3Connection } from '../store/s3/s3-connection.ts'
import { openObject } from '../store/s3/s3-object.ts'
import type { ReadSource } from './read-source.ts'
import type { SourceValidator } from './source-validator.ts'

export interface BucketObject {
  readonly bucket: string
  readonly key: string
}

/** Takes `s3://bucket/key` apart. A key that a server might read as another path is MEDIA_INVALID. */
export function parseBucketReference(reference: string): BucketObject {
  const groups = /^s3:\/\/(?<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(?<key>.+)$/su.exec(reference)?.groups
  const { bucket, key } = groups ?? {}
  if (bucket !== undefined && key !== undefined && isPlainKey(key)) return { bucket, key }
  throw new VivantError('MEDIA_INVALID', `${JSON.stringify(reference)} names no object: s3://bucket/key was expected, with neither empty parts nor "..".`)
}

/** The same of a reference that somebody else wrote: only under the roots that are parts of buckets. */
export function allowedBucketReference(reference: string, allowedRoots: readonly string[]): BucketObject {
  const object = parseBucketReference(reference)
  const roots = allowedRoots.filter((root) => root.startsWith('s3://'))
  const isAllowed = roots.some((root) => {
    const { bucket, prefix } = parseS3Location(root)
    return bucket === object.bucket && object.key.startsWith(prefix)
  })
  if (isAllowed) return object
  throw new VivantError(
    'MEDIA_NOT_ALLOWED',
    `${reference} came by SQL and is not read: ${roots.length === 0 ? 'no bucket is allowed' : `only objects under ${roots.join(', ')} are allowed`}. Add s3://${object.bucket}/… to \`media.allowedRoots\`, or insert it through the API, which reads it with your own rights.`,
    { details: { reference } },
  )
}

/** Reads an object, unless it is the one that was read last. */
export async function readBucket(
  { bucket, key }: BucketObject,
  connection: S3Connection,
  known: SourceValidator | null,
  limits: LimitOptions,
): Promise<ReadSource | 'unchanged'> {
  const name = `s3://${bucket}/${key}`
  try {
    const object = await openObject(connection, { bucket, key, etag: known?.['etag'], signal: limits.signal })
    if (object === null) throw new VivantError('MEDIA_NOT_FOUND', `${name} is not there.`, { details: { reference: name } })
    if (object === 'unchanged') return 'unchanged'
    const content = await collectContent(object.body, { ...limits, name })
    const hint = { name: key.split('/').at(-1), mimeType: object.contentType }
    const validator = object.etag === undefined ? null : { etag: object.etag }
    return { content, hint, validator, [Symbol.asyncDispose]: () => content[Symbol.asyncDispose]() }
  } catch (error) {
    // The store in the words of a source: what is wrong is the medium's reference.
    if (isVivantError(error, 'STORE_UNAVAILABLE')) throw new VivantError('MEDIA_UNREACHABLE', `${name}: ${error.message}`, { cause: error })
    if (isVivantError(error, 'STORE_REFUSED')) throw new VivantError('MEDIA_NOT_ALLOWED', `${name}: ${error.message}`, { cause: error })
    throw error
  }
}
