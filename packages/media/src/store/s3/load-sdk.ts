import type * as ClientModule from '@aws-sdk/client-s3'
import type * as UploadModule from '@aws-sdk/lib-storage'
import type * as PresignModule from '@aws-sdk/s3-request-presigner'
import { VivantError } from '@vivant/core'

export interface S3Sdk {
  readonly client: typeof ClientModule
  readonly upload: typeof UploadModule
  readonly presign: typeof PresignModule
}

let loading: Promise<S3Sdk> | undefined

/** The AWS SDK, which only those need whose media lie in S3: loaded when first used. */
export function loadS3Sdk(): Promise<S3Sdk> {
  loading ??= load()
  return loading
}

async function load(): Promise<S3Sdk> {
  try {
    const [client, upload, presign] = await Promise.all([import('@aws-sdk/client-s3'), import('@aws-sdk/lib-storage'), import('@aws-sdk/s3-request-presigner')])
    return { client, upload, presign }
  } catch (error) {
    throw new VivantError(
      'CONFIGURATION_INVALID',
      'Media in S3 need three packages of the AWS SDK: npm install @aws-sdk/client-s3 @aws-sdk/lib-storage @aws-sdk/s3-request-presigner',
      { cause: error },
    )
  }
}
