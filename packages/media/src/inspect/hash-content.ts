import { createHash } from 'node:crypto'
import { chunksOf, type Content } from '../content/content.ts'
import { limitBytes } from '../content/limit-bytes.ts'

/** SHA-256 in lower-case hexadecimal digits. */
export async function hashContent(content: Content, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of limitBytes(chunksOf(content), { maxBytes: Infinity, signal })) hash.update(chunk)
  return hash.digest('hex')
}
