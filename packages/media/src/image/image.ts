import { type Column, type ImageType, type JsonType, type NumberType, type RecordType, t, type TextType, type BooleanType, type Udf, udf } from '@vivant/core'
import { dominantColors, exif, hashDistance, histogram, perceptualHash } from './analysis-functions.ts'
import { appearance, appearanceVector } from './appearance-embedding.ts'
import { bytesOfImage } from './bytes-of-image.ts'
import { convertImage, type ConvertOptions } from './convert-image.ts'
import { cropImage, type CropOptions } from './crop-image.ts'
import { annotate, blur, composite, sharpen, threshold } from './drawing-functions.ts'
import { imageConcurrency as concurrency } from './image-concurrency.ts'
import { imageMetadata, type ImageMetadata } from './image-metadata.ts'
import { meanLuma } from './mean-luma.ts'
import { resizeImage, type ResizeOptions } from './resize-image.ts'
import { rotateImage, type RotateOptions } from './rotate-image.ts'
import { thumbnailImage, type ThumbnailOptions } from './thumbnail-image.ts'

type ToImage<O> = Udf<readonly [Column<ImageType>, Column<JsonType<O>>], Column<ImageType>, Promise<Uint8Array>>
type FromImage<C extends Column<NumberType>, P> = Udf<readonly [Column<ImageType>], C, Promise<P>>

export type ImageMetadataType = RecordType<{
  readonly format: Column<TextType>
  readonly width: Column<NumberType>
  readonly height: Column<NumberType>
  readonly channels: Column<NumberType>
  readonly space: Column<TextType>
  readonly depth: Column<TextType>
  readonly hasAlpha: Column<BooleanType>
  readonly orientation: Column<NumberType, 'nullable'>
  readonly density: Column<NumberType, 'nullable'>
  readonly frames: Column<NumberType>
  readonly sizeBytes: Column<NumberType>
}>

// Each version names its function: the hash of a function with a version is taken over that and the types, which some share.

const resize: ToImage<ResizeOptions> = udf(
  { name: 'image.resize', input: [t.image(), t.json<ResizeOptions>()], output: t.image(), version: 'resize 1', concurrency },
  async (picture, options, { signal }) => resizeImage(await bytesOfImage(picture, signal), options, signal),
)

const thumbnail: Udf<readonly [Column<ImageType>, Column<JsonType<ThumbnailOptions>, 'default'>], Column<ImageType>, Promise<Uint8Array>> = udf(
  { name: 'image.thumbnail', input: [t.image(), t.json<ThumbnailOptions>().default({})], output: t.image(), version: 'thumbnail 1', concurrency },
  async (picture, options, { signal }) => thumbnailImage(await bytesOfImage(picture, signal), options, signal),
)

const crop: ToImage<CropOptions> = udf(
  { name: 'image.crop', input: [t.image(), t.json<CropOptions>()], output: t.image(), version: 'crop 1', concurrency },
  async (picture, options, { signal }) => cropImage(await bytesOfImage(picture, signal), options, signal),
)

const rotate: ToImage<RotateOptions> = udf(
  { name: 'image.rotate', input: [t.image(), t.json<RotateOptions>()], output: t.image(), version: 'rotate 1', concurrency },
  async (picture, options, { signal }) => rotateImage(await bytesOfImage(picture, signal), options, signal),
)

const convert: ToImage<ConvertOptions> = udf(
  { name: 'image.convert', input: [t.image(), t.json<ConvertOptions>()], output: t.image(), version: 'convert 1', concurrency },
  async (picture, options, { signal }) => convertImage(await bytesOfImage(picture, signal), options, signal),
)

const metadataFields = {
  format: t.text(),
  width: t.int(),
  height: t.int(),
  channels: t.int(),
  space: t.text(),
  depth: t.text(),
  hasAlpha: t.boolean(),
  orientation: t.int().nullable(),
  density: t.float().nullable(),
  frames: t.int(),
  sizeBytes: t.int(),
}

const metadata: Udf<readonly [Column<ImageType>], Column<ImageMetadataType>, Promise<ImageMetadata>> = udf(
  { name: 'image.metadata', input: [t.image()], output: metadataFields, version: 'metadata 1', concurrency },
  async (picture, { signal }) => imageMetadata(await bytesOfImage(picture, signal), signal),
)

const luma: FromImage<Column<NumberType>, number> = udf(
  { name: 'image.mean_luma', input: [t.image()], output: t.float(), version: 'mean_luma 1', concurrency },
  async (picture, { signal }) => meanLuma(await bytesOfImage(picture, signal), signal),
)

/**
 * Functions over pictures, for computed columns, filters and queries. Called by themselves they take what a media column
 * takes (a path, bytes, …) and return bytes.
 *
 * Pictures come out turned as they are seen, in sRGB, without metadata, in their own format unless another is asked for.
 * A picture that cannot be decoded is MEDIA_INVALID, an option that makes no sense VALUE_INVALID: neither is tried again.
 *
 * ```ts
 * frames
 *   .addComputedColumn('thumb', (f) => image.resize(f.frame, { width: 320 }))
 *   .addComputedColumn('brightness', (f) => image.meanLuma(f.thumb))
 *   .addEmbeddingIndex('thumb', image.appearance())
 * ```
 */
export const image: {
  /** In another size: `{ width: 320 }`. See `ResizeOptions`. */
  readonly resize: typeof resize
  /** A small WebP for lists, 256 pixels on the longer side: `{ size: 128, square: true }`. See `ThumbnailOptions`. */
  readonly thumbnail: typeof thumbnail
  /** A part: `{ left: 10, top: 20, width: 100, height: 50 }` in pixels. */
  readonly crop: typeof crop
  /** Turned clockwise: `{ degrees: 90 }`. */
  readonly rotate: typeof rotate
  /** In another format: `{ format: 'webp', quality: 70 }`. */
  readonly convert: typeof convert
  /** A record of what the header says: `.width`, `.height`, `.format`, … */
  readonly metadata: typeof metadata
  /** Mean BT.601 luma, 0 (black) to 255 (white). */
  readonly meanLuma: typeof luma
  /** By a Gaussian: `{ sigma: 5 }`. */
  readonly blur: typeof blur
  /** Sharper edges: `{ amount: 3 }`. See `SharpenOptions`. */
  readonly sharpen: typeof sharpen
  /** Black and white: `{ level: 128 }`. */
  readonly threshold: typeof threshold
  /** With another picture laid over it: `image.composite(p.picture, p.logo, { place: 'southeast', opacity: 0.5 })`. See `CompositeOptions`. */
  readonly composite: typeof composite
  /** With boxes and labels drawn on it: `image.annotate(p.picture, p.detections)`. See `Box`, `AnnotateOptions`. */
  readonly annotate: typeof annotate
  /** The shares of levels, from dark to light: `.red`, `.green`, `.blue`, `.luma`. See `HistogramOptions`. */
  readonly histogram: typeof histogram
  /** The colours it has most of: `[{ color: '#a03020', share: 0.6 }, …]`. */
  readonly dominantColors: typeof dominantColors
  /** What the camera wrote: `.takenAt`, `.latitude`, `.model`, …, and all `.tags`. */
  readonly exif: typeof exif
  /** 64 bits of what it looks like, for finding copies: 16 hexadecimal digits. */
  readonly perceptualHash: typeof perceptualHash
  /** In how many bits two such hashes differ: below about 10 the pictures are copies. */
  readonly hashDistance: typeof hashDistance
  /** An embedding model of what a picture looks like: `addEmbeddingIndex('picture', image.appearance())`. */
  readonly appearance: typeof appearance
  /** The vector of that model as a function, for a column of one's own. */
  readonly appearanceVector: typeof appearanceVector
} = Object.freeze({
  resize,
  thumbnail,
  crop,
  rotate,
  convert,
  metadata,
  meanLuma: luma,
  blur,
  sharpen,
  threshold,
  composite,
  annotate,
  histogram,
  dominantColors,
  exif,
  perceptualHash,
  hashDistance,
  appearance,
  appearanceVector,
})
