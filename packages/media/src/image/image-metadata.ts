import { withImage } from './open-image.ts'

/** What a picture says of itself. */
export interface ImageMetadata {
  /** `jpeg`, `png`, `webp`, `gif`, `tiff`, `svg`, `heif` (AVIF is one). */
  readonly format: string
  /** In pixels, as it is seen: after the EXIF orientation. */
  readonly width: number
  readonly height: number
  /** 1 to 4. */
  readonly channels: number
  /** `srgb`, `b-w`, `cmyk`, … */
  readonly space: string
  /** Of one sample: `uchar`, `ushort`, … */
  readonly depth: string
  readonly hasAlpha: boolean
  /** 1 to 8 of EXIF; null when it says none. */
  readonly orientation: number | null
  /** Dots per inch, if it says so. */
  readonly density: number | null
  /** Of an animation or a document of several pages; 1 of others. */
  readonly frames: number
  readonly sizeBytes: number
}

/**
 * Reads a picture's header only.
 *
 * @throws MEDIA_INVALID
 * @example (await imageMetadata(bytes)).width
 */
export async function imageMetadata(bytes: Uint8Array, signal?: AbortSignal): Promise<ImageMetadata> {
  const metadata = await withImage(bytes, (picture) => picture.metadata(), signal)
  const { format, autoOrient, channels, space, depth, hasAlpha } = metadata
  return {
    format,
    width: autoOrient.width,
    height: autoOrient.height,
    channels,
    space,
    depth,
    hasAlpha,
    orientation: metadata.orientation ?? null,
    density: metadata.density ?? null,
    frames: metadata.pages ?? 1,
    sizeBytes: bytes.byteLength,
  }
}
