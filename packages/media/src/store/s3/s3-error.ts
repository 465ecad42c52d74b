import { isVivantError, VivantError } from '@vivant/core'
import { throwIfAborted } from '../../content/throw-if-aborted.ts'

/** What the SDK throws: an answer of the server (`$metadata`), or an error of the network (`code`). */
interface SdkError {
  readonly name?: string
  readonly message?: string
  readonly code?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}

export interface S3Place {
  readonly bucket: string
  readonly endpoint: string
  readonly signal?: AbortSignal | undefined
}

/** Whether the server said that there is no such object. A missing bucket is something else. */
export function isMissingObject(error: unknown): boolean {
  const { name, $metadata } = error as SdkError
  return name === 'NoSuchKey' || (name !== 'NoSuchBucket' && $metadata?.httpStatusCode === 404)
}

/** What a failed request means for who uses the store. Throws ABORTED where the signal ended it. */
export function s3Error(error: unknown, doing: string, { bucket, endpoint, signal }: S3Place): VivantError {
  throwIfAborted(signal)
  if (isVivantError(error)) return error
  const { name = 'Error', message = '', code, $metadata } = error as SdkError
  const status = $metadata?.httpStatusCode
  const details = { bucket, endpoint, ...(status === undefined ? {} : { status }), reason: code ?? name }
  const fail = (as: 'STORE_UNAVAILABLE' | 'STORE_REFUSED', why: string): VivantError =>
    new VivantError(as, `The media store (bucket ${bucket} at ${endpoint}) could not ${doing}: ${why}`, { cause: error, details })
  if (name === 'NoSuchBucket') return fail('STORE_REFUSED', 'there is no such bucket. Create it, or look at its name.')
  if (/quota|storagefull|insufficientstorage/iu.test(name) || status === 507) return fail('STORE_UNAVAILABLE', `it is full (${name}).`)
  if (refusedKeys.has(name))
    return fail('STORE_REFUSED', `it refuses the keys (${name}). Look at media.credentials, or the environment that the AWS SDK reads.`)
  if (name === 'RequestTimeTooSkewed') return fail('STORE_REFUSED', 'the clock of this machine is wrong.')
  if (status === 401 || status === 403) return fail('STORE_REFUSED', `these keys have no right to it (${name}).`)
  if (/^(?:XAmzContentSHA256Mismatch|XAmzContentChecksumMismatch|BadDigest|ChecksumMismatch)/u.test(name))
    return fail('STORE_UNAVAILABLE', `the bytes arrived damaged (${name}).`)
  if (status !== undefined && status < 500 && status !== 408 && status !== 429) return fail('STORE_REFUSED', `${name}: ${message}`)
  if (name === 'TimeoutError') return fail('STORE_UNAVAILABLE', 'it does not answer.')
  if (name === 'CredentialsProviderError') return fail('STORE_REFUSED', 'there are no keys: set media.credentials, or AWS_ACCESS_KEY_ID and its kin.')
  if (/region is missing/iu.test(message)) return fail('STORE_REFUSED', 'the region is missing: set media.region or AWS_REGION.')
  return fail('STORE_UNAVAILABLE', status === undefined ? `${code ?? name}: ${message || 'the connection failed'}` : `it answered ${status} (${name}).`)
}

const refusedKeys: ReadonlySet<string> = new Set([
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'InvalidToken',
  'AuthorizationHeaderMalformed',
])
