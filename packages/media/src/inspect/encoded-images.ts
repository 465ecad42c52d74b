import { hash } from 'node:crypto'
import { type Content, isMemoryContent } from '../content/content.ts'

/** Pictures that this process has encoded itself, with the hash that they had then. */
const encoded = new WeakMap<Uint8Array, string>()

/** Remembers a picture that an encoder has just finished, for as long as its bytes are held: it need not be decoded to be known good. */
export function rememberEncoded<B extends Uint8Array>(bytes: B): B {
  encoded.set(bytes, hash('sha256', bytes, 'hex'))
  return bytes
}

/** Whether these bytes are as an encoder of this process left them. (Whoever changed them since changed their hash.) */
export function isEncodedHere(content: Content, sha256: string): boolean {
  return isMemoryContent(content) && encoded.get(content.bytes) === sha256
}
