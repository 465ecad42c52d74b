import type { IncomingMessage } from 'node:http'
import { pipeline, type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { VivantError } from '@vivant/core'

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

/**
 * The body without its content encoding, which some servers apply although it was not asked for. It is decoded piece by
 * piece as it is read, so that whoever counts its bytes also bounds what a small body can grow to.
 */
export function decodedBody(url: URL, response: IncomingMessage): AsyncIterable<Uint8Array> {
  const encoding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (encoding === 'identity' || encoding === '') return response
  const create = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined
  if (create === undefined) {
    response.destroy()
    throw new VivantError('MEDIA_INVALID', `${url.href} comes in the content encoding ${JSON.stringify(encoding)}, which is not known.`)
  }
  return pipeline(response, create(), () => {})
}
