import {
  type ArrayType,
  type Column,
  type ImageType,
  type JsonType,
  type NumberType,
  type RecordType,
  t,
  type TextType,
  type TimestampType,
  type Udf,
  udf,
} from '@vivant/core'
import { bytesOfImage } from './bytes-of-image.ts'
import { type DominantColor, dominantColors as findDominantColors, type DominantColorsOptions } from './dominant-colors.ts'
import { type ExifData, exifOfImage } from './exif-of-image.ts'
import { type Histogram, histogramOfImage, type HistogramOptions } from './histogram-of-image.ts'
import { imageConcurrency as concurrency } from './image-concurrency.ts'
import { hashDistance as distanceOfHashes, perceptualHash as hashOfImage } from './perceptual-hash.ts'

type Optional<O> = Column<JsonType<O>, 'default'>
type Numbers = Column<ArrayType<NumberType>>
type MaybeText = Column<TextType, 'nullable'>
type MaybeNumber = Column<NumberType, 'nullable'>

export type HistogramType = RecordType<{ readonly red: Numbers; readonly green: Numbers; readonly blue: Numbers; readonly luma: Numbers }>

const shares = t.array(t.float())

export const histogram: Udf<readonly [Column<ImageType>, Optional<HistogramOptions>], Column<HistogramType>, Promise<Histogram>> = udf(
  {
    name: 'image.histogram',
    input: [t.image(), t.json<HistogramOptions>().default({})],
    output: { red: shares, green: shares, blue: shares, luma: shares },
    version: 'histogram 1',
    concurrency,
  },
  async (picture, options, { signal }) => histogramOfImage(await bytesOfImage(picture, signal), options, signal),
)

export const dominantColors: Udf<
  readonly [Column<ImageType>, Optional<DominantColorsOptions>],
  Column<JsonType<readonly DominantColor[]>>,
  Promise<readonly DominantColor[]>
> = udf(
  {
    name: 'image.dominant_colors',
    input: [t.image(), t.json<DominantColorsOptions>().default({})],
    output: t.json<readonly DominantColor[]>(),
    version: 'dominant_colors 1',
    concurrency,
  },
  async (picture, options, { signal }) => findDominantColors(await bytesOfImage(picture, signal), options, signal),
)

export type ExifType = RecordType<{
  readonly make: MaybeText
  readonly model: MaybeText
  readonly software: MaybeText
  readonly takenAt: Column<TimestampType, 'nullable'>
  readonly latitude: MaybeNumber
  readonly longitude: MaybeNumber
  readonly altitude: MaybeNumber
  readonly exposureSeconds: MaybeNumber
  readonly fNumber: MaybeNumber
  readonly iso: MaybeNumber
  readonly focalLengthMm: MaybeNumber
  readonly tags: Column<JsonType<ExifData['tags']>>
}>

const maybe = t.float().nullable()

export const exif: Udf<readonly [Column<ImageType>], Column<ExifType>, Promise<ExifData>> = udf(
  {
    name: 'image.exif',
    input: [t.image()],
    output: {
      make: t.text().nullable(),
      model: t.text().nullable(),
      software: t.text().nullable(),
      takenAt: t.timestamp().nullable(),
      latitude: maybe,
      longitude: maybe,
      altitude: maybe,
      exposureSeconds: maybe,
      fNumber: maybe,
      iso: maybe,
      focalLengthMm: maybe,
      tags: t.json<ExifData['tags']>(),
    },
    version: 'exif 1',
    concurrency,
  },
  async (picture, { signal }) => exifOfImage(await bytesOfImage(picture, signal), signal),
)

export const perceptualHash: Udf<readonly [Column<ImageType>], Column<TextType>, Promise<string>> = udf(
  { name: 'image.perceptual_hash', input: [t.image()], output: t.text(), version: 'perceptual_hash 1', concurrency },
  async (picture, { signal }) => hashOfImage(await bytesOfImage(picture, signal), signal),
)

export const hashDistance: Udf<readonly [Column<TextType>, Column<TextType>], Column<NumberType>, number> = udf(
  { name: 'image.hash_distance', input: [t.text(), t.text()], output: t.int(), version: 'hash_distance 1' },
  (one, other) => distanceOfHashes(one, other),
)
