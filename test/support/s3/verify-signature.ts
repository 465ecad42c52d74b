import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

export interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** Null, or the error code of S3. AWS Signature Version 4, in the header or in the query: "Authenticating Requests (AWS Signature Version 4)", Amazon S3 API Reference. */
export function signatureProblem(request: IncomingMessage, body: Buffer, keys: Keys): string | null {
  const [path = '', queryText = ''] = (request.url ?? '').split('?')
  const query = new URLSearchParams(queryText)
  const header = /^AWS4-HMAC-SHA256 Credential=(?<credential>[^,]+), ?SignedHeaders=(?<signed>[^,]+), ?Signature=(?<signature>[0-9a-f]+)$/u.exec(
    request.headers.authorization ?? '',
  )?.groups
  const isInQuery = header === undefined
  const credential = header?.['credential'] ?? query.get('X-Amz-Credential')
  const signed = header?.['signed'] ?? query.get('X-Amz-SignedHeaders')
  const signature = header?.['signature'] ?? query.get('X-Amz-Signature')
  const date = isInQuery ? query.get('X-Amz-Date') : String(request.headers['x-amz-date'])
  if (credential == null || signed == null || signature == null || date == null) return 'AccessDenied'
  const [accessKeyId, ...scope] = credential.split('/')
  if (accessKeyId !== keys.accessKeyId) return 'InvalidAccessKeyId'
  const sentAt = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/u, '$1-$2-$3T$4:$5:$6Z'))
  if (isInQuery && Date.now() > sentAt + Number(query.get('X-Amz-Expires')) * 1000) return 'AccessDenied'
  if (!isInQuery && Math.abs(Date.now() - sentAt) > 15 * 60_000) return 'RequestTimeTooSkewed'
  const payload = isInQuery ? 'UNSIGNED-PAYLOAD' : String(request.headers['x-amz-content-sha256'])
  const canonical = [
    request.method,
    path,
    [...query]
      .filter(([name]) => name !== 'X-Amz-Signature')
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .toSorted()
      .join('&'),
    ...signed.split(';').map((name) => `${name}:${String(request.headers[name] ?? '').trim()}`),
    '',
    signed,
    payload,
  ].join('\n')
  const text = ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(canonical)].join('\n')
  const expected = hmac(signingKey(keys.secretAccessKey, scope), text)
  const given = Buffer.from(signature, 'hex')
  if (given.byteLength !== expected.byteLength || !timingSafeEqual(given, expected)) return 'SignatureDoesNotMatch'
  return payload === 'UNSIGNED-PAYLOAD' || payload === sha256(body) ? null : 'XAmzContentSHA256Mismatch'
}

function signingKey(secret: string, scope: readonly string[]): Buffer {
  return scope.reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secret}`))
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex')
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/gu, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
}
