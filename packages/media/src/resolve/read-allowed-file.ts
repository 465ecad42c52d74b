import type { BigIntStats } from 'node:fs'
import { basename } from 'node:path'
import { VivantError } from '@vivant/core'
import { collectContent } from '../content/collect-content.ts'
import type { LimitOptions } from '../content/limit-bytes.ts'
import { openAllowedFile } from './open-allowed-file.ts'
import type { ReadSource } from './read-source.ts'
import type { SourceValidator } from './source-validator.ts'

/** A file that is written twice within one tick of the file system's clock has one time: a younger one tells nothing. */
const racyMs = 2000

/** Reads a file under the roots, unless it is the one that was read last. One that changes meanwhile is refused: half of it would be old. */
export async function readAllowedFile(
  reference: string,
  allowedRoots: readonly string[],
  known: SourceValidator | null,
  limits: LimitOptions,
): Promise<ReadSource | 'unchanged'> {
  const { file, path } = await openAllowedFile(reference, allowedRoots)
  try {
    const before = await file.stat({ bigint: true })
    const validator = validatorOf(before)
    if (known !== null && known['file'] === validator['file']) return 'unchanged'
    const content = await collectContent(file.createReadStream({ highWaterMark: 1024 * 1024, autoClose: false }), { ...limits, name: reference })
    const after = await file.stat({ bigint: true })
    if (validatorOf(after)['file'] !== validator['file']) {
      await content[Symbol.asyncDispose]()
      throw new VivantError('MEDIA_UNREACHABLE', `${reference} changed while it was read: it is read again when it is complete.`)
    }
    const isOld = Date.now() - Number(before.mtimeMs) > racyMs
    return { content, hint: { name: basename(path) }, validator: isOld ? validator : null, [Symbol.asyncDispose]: () => content[Symbol.asyncDispose]() }
  } finally {
    await file.close()
  }
}

function validatorOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): SourceValidator {
  return { file: [dev, ino, size, mtimeNs, ctimeNs].join('-') }
}
