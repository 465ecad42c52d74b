import readExif, { type Exif } from 'exif-reader'
import { withImage } from './open-image.ts'

/** What a camera wrote into a picture; null where it says nothing. */
export interface ExifData {
  readonly make: string | null
  readonly model: string | null
  readonly software: string | null
  /** When it was taken. Cameras that do not say their time zone are taken to be in UTC. */
  readonly takenAt: Date | null
  /** Degrees, south and west negative. */
  readonly latitude: number | null
  readonly longitude: number | null
  /** Metres above the sea. */
  readonly altitude: number | null
  readonly exposureSeconds: number | null
  readonly fNumber: number | null
  readonly iso: number | null
  readonly focalLengthMm: number | null
  /** Every tag with its value, by group: `tags.Photo.LensModel`. Binary ones and texts above 10,000 characters are left out. */
  readonly tags: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

type Tags = Readonly<Record<string, unknown>>

/**
 * The EXIF data of a picture (CIPA DC-008). Damaged data count as none.
 *
 * @throws MEDIA_INVALID
 */
export async function exifOfImage(bytes: Uint8Array, signal?: AbortSignal): Promise<ExifData> {
  const { exif } = await withImage(bytes, (picture) => picture.metadata(), signal)
  const found = exif === undefined ? {} : parse(exif)
  const image: Tags = found.Image ?? {}
  const photo: Tags = found.Photo ?? {}
  const gps: Tags = found.GPSInfo ?? {}
  return {
    make: text(image['Make']),
    model: text(image['Model']),
    software: text(image['Software']),
    takenAt: moment(photo['DateTimeOriginal'] ?? image['DateTime'], photo['OffsetTimeOriginal'] ?? photo['OffsetTime']),
    latitude: degrees(gps['GPSLatitude'], gps['GPSLatitudeRef'] === 'S', 90),
    longitude: degrees(gps['GPSLongitude'], gps['GPSLongitudeRef'] === 'W', 180),
    altitude: signed(number(gps['GPSAltitude']), gps['GPSAltitudeRef'] === 1 || (gps['GPSAltitudeRef'] as Uint8Array | undefined)?.[0] === 1),
    exposureSeconds: number(photo['ExposureTime']),
    fNumber: number(photo['FNumber']),
    iso: number(photo['ISOSpeedRatings'] ?? photo['PhotographicSensitivity']),
    focalLengthMm: number(photo['FocalLength']),
    tags: plainTags(found),
  }
}

function parse(exif: Buffer): Partial<Exif> {
  try {
    return readExif(exif)
  } catch {
    return {}
  }
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value.replaceAll('\0', '').toWellFormed().trim() || null : null
}

function number(value: unknown): number | null {
  const first: unknown = Array.isArray(value) ? value[0] : value
  return typeof first === 'number' && Number.isFinite(first) ? first : null
}

function signed(value: number | null, isNegative: boolean): number | null {
  return value === null ? null : isNegative ? -value : value
}

/** Degrees, minutes and seconds. */
function degrees(value: unknown, isNegative: boolean, max: number): number | null {
  if (!Array.isArray(value) || value.length !== 3 || !value.every((part) => typeof part === 'number' && Number.isFinite(part))) return null
  const [whole, minutes, seconds] = value as [number, number, number]
  const found = whole + minutes / 60 + seconds / 3600
  return found <= max ? signed(found, isNegative) : null
}

/** EXIF has local time without a zone, and since version 2.31 the zone beside it. */
function moment(value: unknown, offset: unknown): Date | null {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) return null
  const zone = /^([+-])(\d\d):(\d\d)/.exec(text(offset) ?? '')
  const minutes = zone ? (zone[1] === '-' ? -1 : 1) * (Number(zone[2]) * 60 + Number(zone[3])) : 0
  return new Date(value.getTime() - minutes * 60_000)
}

function plainTags(exif: Partial<Exif>): ExifData['tags'] {
  const groups = Object.entries(exif).flatMap(([group, tags]) => (typeof tags === 'object' ? [[group, tags as Tags] as const] : []))
  return Object.fromEntries(
    groups.map(([group, tags]) => [
      group,
      Object.fromEntries(
        Object.entries(tags).flatMap(([name, value]) => {
          const plain = plainValue(value)
          return plain === undefined ? [] : [[name, plain]]
        }),
      ),
    ]),
  )
}

function plainValue(value: unknown): unknown {
  if (typeof value === 'string') return value.length > 10_000 ? undefined : value.replaceAll('\0', '').toWellFormed()
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString()
  if (Array.isArray(value) && value.length <= 1000 && value.every((part) => typeof part === 'number' && Number.isFinite(part))) return value as unknown
  return undefined
}
