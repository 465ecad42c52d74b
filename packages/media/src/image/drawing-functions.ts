import { type AnyColumn, type Column, type ImageType, type JsonType, t, type Udf, udf } from '@vivant/core'
import { annotateImage, type AnnotateOptions, type Box } from './annotate-image.ts'
import { bytesOfImage } from './bytes-of-image.ts'
import { compositeImages, type CompositeOptions } from './composite-images.ts'
import { blurImage, type BlurOptions, sharpenImage, type SharpenOptions, thresholdImage, type ThresholdOptions } from './filter-image.ts'
import { imageConcurrency as concurrency } from './image-concurrency.ts'

type Optional<O> = Column<JsonType<O>, 'default'>
type ToImage<C extends AnyColumn> = Udf<readonly [Column<ImageType>, C], Column<ImageType>, Promise<Uint8Array>>

export const blur: ToImage<Column<JsonType<BlurOptions>>> = udf(
  { name: 'image.blur', input: [t.image(), t.json<BlurOptions>()], output: t.image(), version: 'blur 1', concurrency },
  async (picture, options, { signal }) => blurImage(await bytesOfImage(picture, signal), options, signal),
)

export const sharpen: ToImage<Optional<SharpenOptions>> = udf(
  { name: 'image.sharpen', input: [t.image(), t.json<SharpenOptions>().default({})], output: t.image(), version: 'sharpen 1', concurrency },
  async (picture, options, { signal }) => sharpenImage(await bytesOfImage(picture, signal), options, signal),
)

export const threshold: ToImage<Optional<ThresholdOptions>> = udf(
  { name: 'image.threshold', input: [t.image(), t.json<ThresholdOptions>().default({})], output: t.image(), version: 'threshold 1', concurrency },
  async (picture, options, { signal }) => thresholdImage(await bytesOfImage(picture, signal), options, signal),
)

export const composite: Udf<readonly [Column<ImageType>, Column<ImageType>, Optional<CompositeOptions>], Column<ImageType>, Promise<Uint8Array>> = udf(
  {
    name: 'image.composite',
    input: [t.image(), t.image(), t.json<CompositeOptions>().default({})],
    output: t.image(),
    version: 'composite 1',
    concurrency,
  },
  async (picture, overlay, options, { signal }) => compositeImages(await bytesOfImage(picture, signal), await bytesOfImage(overlay, signal), options, signal),
)

export const annotate: Udf<
  readonly [Column<ImageType>, Column<JsonType<readonly Box[]>>, Optional<AnnotateOptions>],
  Column<ImageType>,
  Promise<Uint8Array>
> = udf(
  {
    name: 'image.annotate',
    input: [t.image(), t.json<readonly Box[]>(), t.json<AnnotateOptions>().default({})],
    output: t.image(),
    version: 'annotate 1',
    concurrency,
  },
  async (picture, boxes, options, { signal }) => annotateImage(await bytesOfImage(picture, signal), boxes, options, signal),
)
