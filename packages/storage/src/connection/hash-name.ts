import { createHash } from 'node:crypto'

/** A short name that differs when the text does: a server's prepared statement is found by it. */
export function hashName(text: string): string {
  return createHash('sha1').update(text).digest('base64url')
}
