import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { drawing, pixelsOf, plain, quarters } from '../testing/pictures.ts'
import { temporaryStore } from '../testing/temporary-store.ts'
import { convertImage } from './convert-image.ts'
import { cropImage } from './crop-image.ts'
import { image } from './image.ts'
import { imageMetadata } from './image-metadata.ts'
import { meanLuma } from './mean-luma.ts'
import type { ImageFormat } from './output-format.ts'
import { resizeImage, type ResizeOptions } from './resize-image.ts'
import { rotateImage } from './rotate-image.ts'
import { thumbnailImage } from './thumbnail-image.ts'

const [red, green, blue, white] = ['red', 'green', 'blue', 'white']
const jpeg = await drawing().jpeg().toBuffer()

describe('resize', () => {
  test.each<[ResizeOptions, number, number]>([
    [{ width: 160 }, 160, 120],
    [{ height: 60 }, 80, 60],
    [{ width: 100, height: 100 }, 100, 75],
    [{ width: 100, height: 100, fit: 'outside' }, 133, 100],
    [{ width: 100, height: 100, fit: 'cover' }, 100, 100],
    [{ width: 100, height: 100, fit: 'contain' }, 100, 100],
    [{ width: 100, height: 50, fit: 'fill' }, 100, 50],
    [{ width: 640 }, 640, 480],
    [{ width: 640, enlarge: false }, 320, 240],
    [{ width: 1 }, 1, 1],
  ])('%j gives %i × %i', async (options, width, height) => {
    expect(await imageMetadata(await resizeImage(jpeg, options))).toMatchObject({ width, height, format: 'jpeg' })
  })

  test.each([5, 6, 7, 8])('takes the sides of a picture with EXIF orientation %i as they are seen, and drops the flag', async (orientation) => {
    const bytes = await drawing(60, 40).jpeg().withMetadata({ orientation }).toBuffer()
    expect(await imageMetadata(await resizeImage(bytes, { width: 20 }))).toMatchObject({ width: 20, height: 30, orientation: null })
  })

  test.each<[ResizeOptions]>([
    [{}],
    [{ width: 0 }],
    [{ width: 1.5 }],
    [{ height: -3 }],
    [{ width: 20_000 }],
    [{ width: Number.NaN }],
    [{ width: 9, quality: 0 }],
    [{ width: 9, quality: 101 }],
    [{ width: 9, format: 'bmp' as ImageFormat }],
  ])('refuses %j', async (options) => {
    await expect(resizeImage(jpeg, options)).rejects.toMatchObject({ code: 'VALUE_INVALID' })
  })

  test('keeps transparency where the format can', async () => {
    const clear = await sharp({ create: { width: 20, height: 20, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0.5 } } })
      .png()
      .toBuffer()
    expect(await imageMetadata(await resizeImage(clear, { width: 10 }))).toMatchObject({ format: 'png', hasAlpha: true })
    const { data } = await pixelsOf(await resizeImage(clear, { width: 10, format: 'jpeg' }))
    expect([...data.subarray(0, 3)].map((level) => Math.round(level / 8))).toEqual([32, 16, 16])
  })
})

describe('thumbnail', () => {
  test('is a small WebP, square if asked, never enlarged', async () => {
    expect(await imageMetadata(await thumbnailImage(jpeg))).toMatchObject({ format: 'webp', width: 256, height: 192 })
    expect(await imageMetadata(await thumbnailImage(jpeg, { size: 64, square: true, format: 'png' }))).toMatchObject({ format: 'png', width: 64, height: 64 })
    expect(await imageMetadata(await thumbnailImage(jpeg, { size: 1000 }))).toMatchObject({ width: 320, height: 240 })
    expect(await imageMetadata(await thumbnailImage(jpeg, { size: 1000, square: true }))).toMatchObject({ width: 240, height: 240 })
  })
})

describe('crop', () => {
  test('cuts a part out of the picture as it is seen', async () => {
    // Orientation 6 turns clockwise by 90°: blue and red above, white and green below.
    const bytes = await quarters(6)
    const part = (left: number, top: number) => cropImage(bytes, { left, top, width: 16, height: 16, format: 'png' })
    expect(await colorAt(await part(0, 0), 8, 8)).toBe(blue)
    expect(await colorAt(await part(16, 0), 8, 8)).toBe(red)
    expect(await colorAt(await part(0, 16), 8, 8)).toBe(white)
    expect(await colorAt(await part(16, 16), 8, 8)).toBe(green)
  })

  test('refuses what reaches beyond the edges, with the size', async () => {
    await expect(cropImage(jpeg, { left: 300, top: 0, width: 21, height: 10 })).rejects.toThrow('does not lie within the picture of 320 × 240 pixels')
    await expect(cropImage(jpeg, { left: -1, top: 0, width: 21, height: 10 })).rejects.toMatchObject({ code: 'VALUE_INVALID' })
  })
})

describe('rotate', () => {
  test.each([
    [0, [red, green, blue, white]],
    [90, [blue, red, white, green]],
    [180, [white, blue, green, red]],
    [-90, [green, white, red, blue]],
    [450, [blue, red, white, green]],
  ])('by %i° turns clockwise', async (degrees, corners) => {
    const turned = await rotateImage(await quarters(), { degrees, format: 'png' })
    expect(await cornersOf(turned)).toEqual(corners)
  })

  test('adds to the EXIF orientation', async () => {
    expect(await cornersOf(await rotateImage(await quarters(6), { degrees: 90, format: 'png' }))).toEqual(
      await cornersOf(await rotateImage(await quarters(), { degrees: 180, format: 'png' })),
    )
  })

  test('by another angle enlarges the picture and fills its corners', async () => {
    const turned = await rotateImage(await plain('#f00', 40, 40).png().toBuffer(), { degrees: 45, background: '#0000ff' })
    const { width, height } = await imageMetadata(turned)
    expect([width, height]).toEqual([57, 57])
    expect(await colorAt(turned, 1, 1)).toBe(blue)
    expect(await colorAt(turned, 28, 28)).toBe(red)
    await expect(rotateImage(jpeg, { degrees: Number.NaN })).rejects.toMatchObject({ code: 'VALUE_INVALID' })
  })
})

describe('convert', () => {
  test.each(['jpeg', 'png', 'webp', 'avif'] as const)('writes %s', async (format) => {
    const bytes = await convertImage(jpeg, { format })
    expect((await imageMetadata(bytes)).format).toBe(format === 'avif' ? 'heif' : format)
    expect(await meanLuma(bytes)).toBeCloseTo(await meanLuma(jpeg), -0.5)
  })

  test('quality makes a file smaller', async () => {
    const sizes = await Promise.all([90, 40].map(async (quality) => (await convertImage(jpeg, { format: 'webp', quality })).length))
    expect(sizes[1]).toBeLessThan(sizes[0]!)
  })

  test('drops the metadata: where a photograph was taken does not travel with it', async () => {
    const tagged = await drawing()
      .jpeg()
      .withExif({ IFD0: { Copyright: 'somebody' } })
      .toBuffer()
    expect((await sharp(tagged).metadata()).exif).toBeDefined()
    expect((await sharp(await convertImage(tagged, { format: 'jpeg' })).metadata()).exif).toBeUndefined()
  })

  test('of an SVG and a GIF, without a format asked for, gives a PNG', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"><path d="M0 0h9v9z"/></svg>')
    for (const bytes of [svg, await drawing().gif().toBuffer()]) expect((await imageMetadata(await resizeImage(bytes, { width: 10 }))).format).toBe('png')
  })
})

test('an SVG cannot pull in files of this machine', async () => {
  await using place = await temporaryStore()
  const path = join(place.folder, 'secret.png')
  await writeFile(path, await plain('#f00', 20, 20).png().toBuffer())
  for (const href of [path, pathToFileURL(path).href, 'secret.png']) {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="20" height="20"><rect width="20" height="20" fill="#fff"/><image href="${href}" xlink:href="${href}" width="20" height="20"/></svg>`
    await writeFile(join(place.folder, 'picture.svg'), svg)
    expect(await colorAt(await convertImage(Buffer.from(svg), { format: 'png' }), 10, 10)).toBe(white)
    expect(await colorAt(Buffer.from(await image.convert(join(place.folder, 'picture.svg'), { format: 'png' })), 10, 10)).toBe(white)
  }
})

describe('metadata', () => {
  test('says what the header says, as it is seen', async () => {
    const bytes = await drawing(60, 40).jpeg().withMetadata({ orientation: 8, density: 300 }).toBuffer()
    expect(await imageMetadata(bytes)).toEqual({
      format: 'jpeg',
      width: 40,
      height: 60,
      channels: 3,
      space: 'srgb',
      depth: 'uchar',
      hasAlpha: false,
      orientation: 8,
      density: 300,
      frames: 1,
      sizeBytes: bytes.length,
    })
  })
})

describe('mean luma', () => {
  test.each([
    ['#000000', 0],
    ['#ffffff', 255],
    ['#808080', 128],
    ['#ff0000', 0.299 * 255],
    ['#00ff00', 0.587 * 255],
    ['#0000ff', 0.114 * 255],
  ])('of %s is that of BT.601: %d', async (color, luma) => {
    expect(await meanLuma(await plain(color).png().toBuffer())).toBeCloseTo(luma, 9)
  })

  test('is the mean over all pixels', async () => {
    const bytes = await drawing().png().toBuffer()
    const { data } = await pixelsOf(bytes)
    let sum = 0
    for (let index = 0; index < data.length; index += 3) sum += 0.299 * data[index]! + 0.587 * data[index + 1]! + 0.114 * data[index + 2]!
    expect(await meanLuma(bytes)).toBeCloseTo(sum / (data.length / 3), 6)
  })

  test('of grey, 16-bit, CMYK and transparent pictures', async () => {
    expect(await meanLuma(await plain('#808080').greyscale().png().toBuffer())).toBeCloseTo(128, 6)
    expect(await meanLuma(await plain('#808080').toColourspace('rgb16').png().toBuffer())).toBeCloseTo(128, 0)
    expect(Math.abs((await meanLuma(await plain('#808080').toColourspace('cmyk').jpeg().toBuffer())) - 128)).toBeLessThan(20)
    const clear = { width: 8, height: 8, channels: 4 as const, background: { r: 0, g: 0, b: 0, alpha: 0 } }
    expect(await meanLuma(await sharp({ create: clear }).png().toBuffer())).toBe(255)
  })

  test('of a picture above four megapixels moves by less than 0.5', async () => {
    const bytes = await drawing(3200, 2400).jpeg({ quality: 95 }).toBuffer()
    expect(Math.abs((await meanLuma(bytes)) - (await meanLuma(await drawing(1600, 1200).png().toBuffer())))).toBeLessThan(0.5)
  })
})

test('a broken picture is MEDIA_INVALID for each of them, an aborted signal ABORTED', async () => {
  const broken = jpeg.subarray(0, jpeg.length / 2)
  const signal = AbortSignal.abort()
  const calls = [
    (bytes: Uint8Array, stop?: AbortSignal) => resizeImage(bytes, { width: 50 }, stop),
    (bytes: Uint8Array, stop?: AbortSignal) => thumbnailImage(bytes, {}, stop),
    (bytes: Uint8Array, stop?: AbortSignal) => cropImage(bytes, { left: 0, top: 0, width: 320, height: 240 }, stop),
    (bytes: Uint8Array, stop?: AbortSignal) => rotateImage(bytes, { degrees: 90 }, stop),
    (bytes: Uint8Array, stop?: AbortSignal) => convertImage(bytes, { format: 'png' }, stop),
    (bytes: Uint8Array, stop?: AbortSignal) => meanLuma(bytes, stop),
  ]
  for (const call of calls) {
    await expect(call(broken)).rejects.toMatchObject({ code: 'MEDIA_INVALID' })
    await expect(call(new Uint8Array())).rejects.toMatchObject({ code: 'MEDIA_INVALID' })
    await expect(call(jpeg, signal)).rejects.toMatchObject({ code: 'ABORTED' })
  }
  await expect(imageMetadata(Buffer.from('no picture'))).rejects.toMatchObject({ code: 'MEDIA_INVALID' })
})

async function cornersOf(bytes: Uint8Array): Promise<readonly string[]> {
  return Promise.all([colorAt(bytes, 8, 8), colorAt(bytes, 24, 8), colorAt(bytes, 8, 24), colorAt(bytes, 24, 24)])
}

async function colorAt(bytes: Uint8Array, x: number, y: number): Promise<string> {
  const { data, width, channels } = await pixelsOf(bytes)
  const at = (y * width + x) * channels
  const bright = [...data.subarray(at, at + 3)].map((level) => level > 128)
  return bright.every(Boolean) ? 'white' : (['red', 'green', 'blue'][bright.indexOf(true)] ?? 'black')
}
