import { VivantError } from '@vivant/core'

/** What an HTTP status other than success means for a medium. */
export function statusError(url: URL, status: number): VivantError {
  const options = { details: { url: url.href, status } }
  if (status === 401 || status === 403 || status === 407) {
    return new VivantError('MEDIA_NOT_ALLOWED', `${url.href}: the server refuses it (HTTP ${status}). Sign the URL, or insert the bytes.`, options)
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return new VivantError('MEDIA_UNREACHABLE', `${url.href}: the server cannot give it now (HTTP ${status}).`, options)
  }
  return new VivantError('MEDIA_NOT_FOUND', `${url.href} is not there (HTTP ${status}).`, options)
}
