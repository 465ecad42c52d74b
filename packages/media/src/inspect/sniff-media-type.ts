import { fileTypeFromBuffer, fileTypeFromFile } from 'file-type'
import { type Content, isMemoryContent } from '../content/content.ts'
import { readRange } from '../content/read-range.ts'
import { decodeText, type DecodedText } from './decode-text.ts'
import type { MediaType } from './media-type.ts'
import { type MediaHint, sniffText } from './sniff-text.ts'

const headBytes = 64 * 1024

export interface SniffedType extends MediaType {
  readonly charset?: DecodedText['charset']
}

/**
 * What the bytes are, told by their content: magic numbers and containers by `file-type`, texts by ourselves. A name or
 * a server's word counts only among text formats that look alike (Markdown, CSV); a wrong extension never deceives.
 */
export async function sniffMediaType(content: Content, hint: MediaHint = {}): Promise<SniffedType> {
  const head = await readRange(content, 0, headBytes)
  const complete = head.byteLength === content.sizeBytes
  const magic = await detect(content)
  if (magic !== null && hasStrongMagic(magic.mimeType)) return magic
  // Short magic numbers can open a text: "BMW …" is no bitmap.
  const decoded = decodeText(head, complete)
  if (decoded === null) return magic ?? { mimeType: 'application/octet-stream', extension: 'bin' }
  return { ...sniffText(decoded.text, complete, hint), charset: decoded.charset }
}

async function detect(content: Content): Promise<MediaType | null> {
  try {
    const found = isMemoryContent(content) ? await fileTypeFromBuffer(content.bytes) : await fileTypeFromFile(content.path)
    if (found === undefined) return null
    const mimeType = found.mime.split(';')[0] ?? found.mime
    return { mimeType, extension: found.ext.replaceAll(/[^a-z0-9]/g, '') || 'bin' }
  } catch {
    // It read past the end of a damaged container: then nothing is known of it.
    return null
  }
}

/** Formats that begin as text does and are told by more than a few letters. */
function hasStrongMagic(mimeType: string): boolean {
  return mimeType === 'application/pdf' || mimeType === 'application/rtf' || mimeType === 'application/postscript'
}
