import { VivantError } from '@vivant/core'

/** A key by the name of the environment variable that holds it: it is read when a request is signed, never kept or logged. */
export interface SecretReference {
  readonly env: string
}

export interface S3Options {
  /** Of a server other than Amazon's: `http://127.0.0.1:9000` (default: AWS_ENDPOINT_URL_S3, else Amazon's of the region). */
  readonly endpoint?: string
  /** Default: AWS_REGION or the profile's, and `us-east-1` for other servers than Amazon's. */
  readonly region?: string
  /** Default: the chain of the AWS SDK: AWS_ACCESS_KEY_ID and its kin, a profile, the role of the machine. */
  readonly credentials?: { readonly accessKeyId: SecretReference; readonly secretAccessKey: SecretReference; readonly sessionToken?: SecretReference }
  /** The bucket in the path instead of the host name (default: for other servers than Amazon's). */
  readonly pathStyle?: boolean
  /** Of one request without an answer or a byte (default 30,000). */
  readonly timeoutMs?: number
  /** How often a request is made that fails for a passing reason (default 3). */
  readonly maxAttempts?: number
}

export interface S3Location {
  readonly bucket: string
  /** Ends with `/`, unless empty. */
  readonly prefix: string
}

/** Takes `s3://bucket/prefix` apart: where a store lies, or a part of a bucket. CONFIGURATION_INVALID for anything else. */
export function parseS3Location(text: string): S3Location {
  const groups = /^s3:\/\/(?<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(?<prefix>.*))?$/su.exec(text)?.groups
  const prefix = (groups?.['prefix'] ?? '').replace(/\/$/u, '')
  const bucket = groups?.['bucket']
  if (bucket === undefined || (prefix !== '' && !isPlainKey(prefix))) {
    throw new VivantError('CONFIGURATION_INVALID', `${JSON.stringify(text)} is no place in S3: s3://bucket or s3://bucket/prefix was expected.`)
  }
  return { bucket, prefix: prefix === '' ? '' : `${prefix}/` }
}

/** Whether every segment of a key means itself, also to a server that takes keys for paths. */
export function isPlainKey(key: string): boolean {
  return key.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..') && !/[\p{Cc}\\]/u.test(key)
}

/** What is not as it should be in options that came from plain JavaScript. */
export function checkS3Options({ endpoint, credentials }: S3Options): void {
  if (endpoint !== undefined && !/^https?:\/\/[^/]/u.test(endpoint))
    throw new VivantError('CONFIGURATION_INVALID', `media.endpoint is ${JSON.stringify(endpoint)}; a URL such as http://127.0.0.1:9000 is needed.`)
  if (endpoint !== undefined && new URL(endpoint).password !== '')
    throw new VivantError('CONFIGURATION_INVALID', 'media.endpoint carries a password: keys are named by media.credentials.')
  for (const [name, reference] of Object.entries(credentials ?? {})) {
    if (typeof (reference as Partial<SecretReference> | null)?.env === 'string') continue
    // the value is not printed: it may be the key itself
    throw new VivantError(
      'CONFIGURATION_INVALID',
      `media.credentials.${name} is not taken literally: name the environment variable that holds it, { env: 'MEDIA_KEY' }.`,
    )
  }
}

/** The value of an environment variable that a configuration names. */
export function readSecret({ env }: SecretReference, name: string): string {
  const value = process.env[env]
  if (value) return value
  const shown = /^[A-Z][A-Z0-9_]{0,63}$/u.test(env) ? `${env} is not set` : 'no such variable is set'
  throw new VivantError('STORE_REFUSED', `The environment variable of media.credentials.${name} is missing: ${shown}.`)
}
