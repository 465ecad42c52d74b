import type { MediaKind } from '@vivant/core'

/** What the bytes are. */
export interface MediaType {
  readonly mimeType: string
  /** Without a dot, lower case. */
  readonly extension: string
}

/** Image formats that can be decoded here, so that a picture is checked, measured and processed alike. */
const imageTypes: ReadonlySet<string> = new Set([
  'image/jpeg',
  'image/png',
  'image/apng',
  'image/webp',
  'image/gif',
  'image/avif',
  'image/heic',
  'image/heif',
  'image/tiff',
  'image/svg+xml',
])

/** Containers that may hold sound alone; which streams there are is not looked at. */
const soundContainers: ReadonlySet<string> = new Set([
  'application/ogg',
  'application/vnd.ms-asf',
  'video/mp4',
  'video/quicktime',
  'video/3gpp',
  'video/3gpp2',
  'video/webm',
  'video/matroska',
  'video/ogg',
])

const videoContainers: ReadonlySet<string> = new Set(['application/ogg', 'application/vnd.ms-asf', 'application/mxf', 'application/mp4'])

const documentTypes: ReadonlySet<string> = new Set([
  'application/pdf',
  'application/rtf',
  'application/epub+zip',
  'application/json',
  'application/x-ndjson',
  'application/xml',
  'application/yaml',
  'application/x-cfb',
  'image/svg+xml',
])

const documentPrefixes = ['text/', 'application/vnd.openxmlformats-officedocument.', 'application/vnd.oasis.opendocument.', 'application/vnd.ms-']

const accepts: Readonly<Record<MediaKind, (mimeType: string) => boolean>> = {
  image: (mimeType) => imageTypes.has(mimeType),
  video: (mimeType) => mimeType.startsWith('video/') || videoContainers.has(mimeType),
  audio: (mimeType) => mimeType.startsWith('audio/') || soundContainers.has(mimeType),
  document: (mimeType) => documentTypes.has(mimeType) || documentPrefixes.some((prefix) => mimeType.startsWith(prefix)),
  file: () => true,
}

/** Whether content of this type may stand in a column of this kind. */
export function acceptsMimeType(kind: MediaKind, mimeType: string): boolean {
  return accepts[kind](mimeType)
}

/** What to offer instead, for the error. */
export const acceptedTypes: Readonly<Record<MediaKind, string>> = {
  image: 'JPEG, PNG, WebP, GIF, AVIF, HEIC, TIFF or SVG',
  video: 'MP4, QuickTime, WebM, Matroska, AVI, MPEG or another video container',
  audio: 'MP3, WAV, FLAC, Ogg, AAC, M4A or another audio format',
  document: 'PDF, Word, Excel, PowerPoint, OpenDocument, EPUB, RTF, HTML, Markdown, CSV, JSON, XML or plain text',
  file: 'anything',
}
