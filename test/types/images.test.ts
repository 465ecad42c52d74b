import { expect, expectTypeOf, test } from 'vitest'
import {
  type EmbeddingModel,
  type Image,
  type ImageExpression,
  type ImageType,
  type MediaInput,
  type NumberExpression,
  type RecordExpression,
  type Row,
  type SchemaOf,
  type TextExpression,
  type VectorExpression,
  t,
  table,
} from 'vivant'
import { type ConvertOptions, type CropOptions, type ImageFormat, type ResizeOptions, type RotateOptions, type ThumbnailOptions, image } from 'vivant/image'

const pictures = table('pictures', { picture: t.image(), maybe: t.image().nullable(), title: t.text(), clip: t.video() })
type Picture = Row<SchemaOf<typeof pictures>>

test('these are the functions over pictures', () => {
  expectTypeOf<keyof typeof image>().toEqualTypeOf<
    | ('resize' | 'thumbnail' | 'crop' | 'rotate' | 'convert' | 'blur' | 'sharpen' | 'threshold' | 'composite' | 'annotate')
    | ('metadata' | 'meanLuma' | 'histogram' | 'dominantColors' | 'exif' | 'perceptualHash' | 'hashDistance' | 'appearance' | 'appearanceVector')
  >()
  expectTypeOf<ImageFormat>().toEqualTypeOf<'jpeg' | 'png' | 'webp' | 'avif'>()
  type Output = 'format' | 'quality' | 'background'
  expectTypeOf<keyof ResizeOptions>().toEqualTypeOf<Output | 'width' | 'height' | 'fit' | 'enlarge'>()
  expectTypeOf<keyof ThumbnailOptions>().toEqualTypeOf<Output | 'size' | 'square'>()
  expectTypeOf<keyof CropOptions>().toEqualTypeOf<Output | 'left' | 'top' | 'width' | 'height'>()
  expectTypeOf<keyof RotateOptions>().toEqualTypeOf<Output | 'degrees'>()
  expectTypeOf<keyof ConvertOptions>().toEqualTypeOf<Output>()
})

test('of a column they make expressions', () => {
  const use = (p: Picture): void => {
    expectTypeOf(image.resize(p.picture, { width: 320, fit: 'cover', enlarge: false, format: 'webp', quality: 70, background: '#000' })).toEqualTypeOf<
      ImageExpression<never>
    >()
    expectTypeOf(image.resize(p.maybe, { height: 3 })).toEqualTypeOf<ImageExpression<null>>()
    expectTypeOf(image.thumbnail(p.picture)).toEqualTypeOf<ImageExpression<never>>()
    expectTypeOf(image.thumbnail(p.picture, { size: 64, square: true })).toEqualTypeOf<ImageExpression<never>>()
    expectTypeOf(image.crop(p.picture, { left: 0, top: 0, width: 1, height: 1 })).toEqualTypeOf<ImageExpression<never>>()
    expectTypeOf(image.rotate(p.maybe, { degrees: 90 })).toEqualTypeOf<ImageExpression<null>>()
    expectTypeOf(image.convert(p.picture, { format: 'avif' })).toEqualTypeOf<ImageExpression<never>>()
    expectTypeOf(image.meanLuma(p.picture)).toEqualTypeOf<NumberExpression<never>>()
    expectTypeOf(image.meanLuma(p.maybe)).toEqualTypeOf<NumberExpression<null>>()
    expectTypeOf(image.appearanceVector(p.picture)).toEqualTypeOf<VectorExpression<198, never>>()
    const metadata = image.metadata(p.picture)
    expectTypeOf(metadata).toExtend<RecordExpression<{}, never>>()
    expectTypeOf(metadata.width).toEqualTypeOf<NumberExpression<never>>()
    expectTypeOf(metadata.format).toEqualTypeOf<TextExpression<string, never>>()
    expectTypeOf(metadata.orientation).toEqualTypeOf<NumberExpression<null>>()
    // one of another
    expectTypeOf(image.meanLuma(image.thumbnail(image.rotate(p.picture, { degrees: 90 })))).toEqualTypeOf<NumberExpression<never>>()
    expectTypeOf(image.meanLuma.expression('./cat.jpg')).toEqualTypeOf<NumberExpression<never>>()

    // @ts-expect-error text is no picture
    image.meanLuma(p.title)
    // @ts-expect-error nor is a video
    image.thumbnail(p.clip)
    // @ts-expect-error resize needs its options
    image.resize(p.picture)
    // @ts-expect-error a part has four numbers
    image.crop(p.picture, { left: 0, top: 0, width: 1 })
    // @ts-expect-error which format?
    image.convert(p.picture, { quality: 3 })
    // @ts-expect-error no such format
    image.convert(p.picture, { format: 'gif' })
    // @ts-expect-error no such fit
    image.resize(p.picture, { width: 1, fit: 'stretch' })
    // @ts-expect-error degrees are a number
    image.rotate(p.picture, { degrees: '90' })
    // @ts-expect-error no such field
    void metadata.exif
  }
  void use
})

test('of a picture they give bytes, numbers, and a record, in a promise', () => {
  const use = (picture: Image): void => {
    expectTypeOf(image.resize(picture, { width: 1 })).toEqualTypeOf<Promise<Uint8Array>>()
    expectTypeOf(image.thumbnail('./cat.jpg')).toEqualTypeOf<Promise<Uint8Array>>()
    expectTypeOf(image.crop(new Uint8Array(), { left: 0, top: 0, width: 1, height: 1 })).toEqualTypeOf<Promise<Uint8Array>>()
    expectTypeOf(image.rotate(new URL('file:///cat.jpg'), { degrees: 1 })).toEqualTypeOf<Promise<Uint8Array>>()
    expectTypeOf(image.convert(new Blob([]), { format: 'png' })).toEqualTypeOf<Promise<Uint8Array>>()
    expectTypeOf(image.meanLuma(picture)).toEqualTypeOf<Promise<number>>()
    expectTypeOf(image.metadata(picture)).resolves.toHaveProperty('width').toEqualTypeOf<number>()
    expectTypeOf(image.appearanceVector(picture)).toEqualTypeOf<Promise<Float32Array>>()
    // @ts-expect-error null is no picture
    void (() => image.meanLuma(null))
  }
  void use
})

test('a model of what pictures look like indexes pictures, and is asked with pictures', () => {
  expectTypeOf(image.appearance()).toEqualTypeOf<EmbeddingModel<ImageType, MediaInput>>()
  const indexed = pictures.embeddingIndex('picture', image.appearance())
  const use = (p: Row<SchemaOf<typeof indexed>>): unknown => [
    p.picture.similarity('./cat.jpg'),
    p.picture.similarity(p.maybe),
    // @ts-expect-error a number is no picture
    p.picture.similarity(3),
  ]
  void use
  // @ts-expect-error this model embeds image, but the column 'title' is text
  expect(() => pictures.embeddingIndex('title', image.appearance())).toThrow('is text')
})
