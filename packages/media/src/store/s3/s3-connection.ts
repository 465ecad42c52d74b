import type { S3Client } from '@aws-sdk/client-s3'
import { loadS3Sdk, type S3Sdk } from './load-sdk.ts'
import { checkS3Options, readSecret, type S3Options } from './s3-config.ts'
import { s3Error } from './s3-error.ts'

interface Opened {
  readonly sdk: S3Sdk
  readonly client: S3Client
}

/** A client of one S3 server, made when it is first used. */
export class S3Connection implements AsyncDisposable {
  readonly endpoint: string
  readonly #options: S3Options
  #opened: Promise<Opened> | undefined

  constructor(options: S3Options) {
    checkS3Options(options)
    this.#options = options
    this.endpoint = options.endpoint ?? (process.env['AWS_ENDPOINT_URL_S3'] || process.env['AWS_ENDPOINT_URL'] || 'Amazon S3')
  }

  /** Does something with the client; what goes wrong is said in the store's words: it "could not `doing`". */
  async use<T>(bucket: string, doing: string, signal: AbortSignal | undefined, work: (opened: Opened) => Promise<T>): Promise<T> {
    try {
      this.#opened ??= this.#open()
      return await work(await this.#opened)
    } catch (error) {
      throw s3Error(error, doing, { bucket, endpoint: this.endpoint, signal })
    }
  }

  async #open(): Promise<Opened> {
    const sdk = await loadS3Sdk()
    const { credentials, timeoutMs = 30_000, maxAttempts = 3 } = this.#options
    const isAmazon = this.endpoint === 'Amazon S3'
    const region = this.#options.region ?? (isAmazon ? undefined : (process.env['AWS_REGION'] ?? 'us-east-1'))
    const client = new sdk.client.S3Client({
      ...(isAmazon ? {} : { endpoint: this.endpoint }),
      ...(region === undefined ? {} : { region }),
      forcePathStyle: this.#options.pathStyle ?? !isAmazon,
      ...(credentials === undefined
        ? {}
        : {
            credentials: async () => ({
              accessKeyId: readSecret(credentials.accessKeyId, 'accessKeyId'),
              secretAccessKey: readSecret(credentials.secretAccessKey, 'secretAccessKey'),
              ...(credentials.sessionToken ? { sessionToken: readSecret(credentials.sessionToken, 'sessionToken') } : {}),
            }),
          }),
      maxAttempts,
      requestHandler: { connectionTimeout: Math.min(timeoutMs, 5000), socketTimeout: timeoutMs },
      // Every body is signed with its SHA-256, which each server checks; the trailing checksums of newer SDKs other servers than Amazon's store as content.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    })
    return { sdk, client }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined)
    opened?.client.destroy()
  }
}
