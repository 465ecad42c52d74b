import { VivantError } from '@vivant/core'

const keyPattern = /^(?<sha256>[0-9a-f]{64})\.(?<extension>[a-z0-9]{1,16})$/
const referencePrefix = 'vivant://'

export interface MediaKey {
  readonly sha256: string
  readonly extension: string
}

/** Takes `<sha256>.<extension>` apart. Everything else, a path for example, is MEDIA_INVALID. */
export function parseMediaKey(key: string): MediaKey {
  const groups = keyPattern.exec(key)?.groups
  if (groups?.['sha256'] === undefined || groups['extension'] === undefined) {
    throw new VivantError('MEDIA_INVALID', `${JSON.stringify(key)} is not the key of a medium: \`<sha256>.<extension>\` was expected.`)
  }
  return { sha256: groups['sha256'], extension: groups['extension'] }
}

/** `vivant://<sha256>.<extension>`: how a stored medium is written in a column. */
export function formatStoreReference(key: string): string {
  return referencePrefix + key
}

export function isStoreReference(reference: string): boolean {
  return reference.startsWith(referencePrefix)
}

/** The key in a `vivant://` reference. */
export function keyOfReference(reference: string): string {
  const key = reference.slice(referencePrefix.length)
  parseMediaKey(key)
  return key
}
