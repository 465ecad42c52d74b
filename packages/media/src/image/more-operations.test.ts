import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { drawing, pixelsOf, plain, quarters } from '../testing/pictures.ts'
import { image } from './image.ts'
import { reasonOf } from './reason-of.ts'
import { animationFrames, tiles } from './tiles.ts'

const png = await drawing(200, 150).png().toBuffer()

async function colorAt(bytes: Uint8Array, x: number, y: number): Promise<readonly number[]> {
  const { data, width, channels } = await pixelsOf(bytes)
  return [...data.subarray((y * width + x) * channels, (y * width + x) * channels + 3)]
}

describe('tiles', () => {
  test.each([
    [{ width: 64 }, 4, 3],
    [{ width: 64, height: 50, overlap: 10 }, 4, 4],
    [{ width: 64, edges: 'drop' }, 3, 2],
    [{ width: 500 }, 1, 1],
    [{ width: 105, overlap: 10 }, 2, 2],
  ] as const)('%j: what they show is what stands there', async (options, columns, rows) => {
    const found = await Array.fromAsync(tiles(png, { ...options, format: 'png' }))
    expect(found.map(({ column, row }) => [column, row])).toEqual(
      Array.from({ length: columns * rows }, (_, index) => [index % columns, Math.floor(index / columns)]),
    )
    for (const tile of found) {
      const { left, top, width, height } = tile
      const expected = await sharp(png).extract({ left, top, width, height }).raw().toBuffer()
      expect(expected.equals((await pixelsOf(tile.image)).data)).toBe(true)
    }
    const last = found.at(-1)!
    if (!('edges' in options)) expect([last.left + last.width, last.top + last.height]).toEqual([200, 150])
  })

  test('of a turned picture lie where they are seen', async () => {
    const found = await Array.fromAsync(tiles(await quarters(6), { width: 16, format: 'png' }))
    const colors = await Promise.all(found.map(({ image: tile }) => colorAt(tile, 8, 8)))
    expect(colors.map((color) => color.map((level) => Math.round(level / 255)))).toEqual([
      [0, 0, 1],
      [1, 0, 0],
      [1, 1, 1],
      [0, 1, 0],
    ])
  })

  test.each([{ width: 0 }, { width: 10, overlap: 10 }, { width: 10, edges: 'pad' as 'keep' }])('refuse %j', async (options) => {
    await expect(Array.fromAsync(tiles(png, options))).rejects.toMatchObject({ code: 'VALUE_INVALID' })
  })
})

describe('animations', () => {
  test.each(['gif', 'webp'] as const)('of %s: each frame with its times', async (format) => {
    const colors = ['#ff0000', '#00ff00', '#0000ff']
    const frames = await Promise.all(colors.map((color) => plain(color, 20, 10).png().toBuffer()))
    const bytes = await sharp(frames, { join: { animated: true } })
      .toFormat(format, { delay: [100, 50, 200], ...(format === 'webp' ? { lossless: true } : {}) })
      .toBuffer()
    const found = await Array.fromAsync(animationFrames(bytes, { format: 'png' }))
    expect(found.map(({ index, timestampMs, durationMs }) => [index, timestampMs, durationMs])).toEqual([
      [0, 0, 100],
      [1, 100, 50],
      [2, 150, 200],
    ])
    for (const [index, { image: frame }] of found.entries())
      expect((await colorAt(frame, 5, 5)).map((level) => (level > 128 ? 1 : 0))).toEqual([0, 1, 2].map((channel) => (channel === index ? 1 : 0)))
    expect(await sharp(found[0]!.image).metadata()).toMatchObject({ width: 20, height: 10 })
  })

  test('another picture is one frame', async () => {
    expect(await Array.fromAsync(animationFrames(png))).toMatchObject([{ index: 0, timestampMs: 0, durationMs: 0 }])
  })
})

describe('drawing', () => {
  test('blur, sharpen and threshold', async () => {
    const edge = await plain('#000000', 40, 20)
      .composite([{ input: await plain('#ffffff', 20, 20).png().toBuffer(), left: 20, top: 0 }])
      .png()
      .toBuffer()
    const [blurred] = await colorAt(await image.blur(edge, { sigma: 4 }), 19, 10)
    expect(blurred).toBeGreaterThan(60)
    expect(blurred).toBeLessThan(190)
    const soft = await image.blur(edge, { sigma: 1 })
    expect((await colorAt(await image.sharpen(soft, { amount: 5 }), 19, 10))[0]).toBeLessThan((await colorAt(soft, 19, 10))[0]!)
    const grey = await plain('#646464').png().toBuffer()
    expect(await colorAt(await image.threshold(grey), 1, 1)).toEqual([0, 0, 0])
    expect(await colorAt(await image.threshold(grey, { level: 100 }), 1, 1)).toEqual([255, 255, 255])
    await expect(image.blur(grey, { sigma: 0 })).rejects.toMatchObject({ code: 'VALUE_INVALID' })
  })

  test('composite places an overlay, cut at the edges, faded', async () => {
    const red = await plain('#ff0000', 10, 10).png().toBuffer()
    const white = await plain('#ffffff', 40, 40).png().toBuffer()
    const cornered = await image.composite(white, red, { place: 'southeast' })
    expect([await colorAt(cornered, 39, 39), await colorAt(cornered, 29, 29)]).toEqual([
      [255, 0, 0],
      [255, 255, 255],
    ])
    expect(await colorAt(await image.composite(white, red, { left: -5, top: 38, opacity: 0.5 }), 4, 39)).toEqual([255, 126, 126])
    expect(await colorAt(await image.composite(white, red, { width: 100 }), 1, 1)).toEqual([255, 0, 0])
    expect(await colorAt(await image.composite(white, red, { left: 90, top: 0 }), 1, 1)).toEqual([255, 255, 255])
    await expect(image.composite(white, red, { left: 1 })).rejects.toThrow('left and top go together')
  })

  test('annotate draws boxes and labels, and refuses what is no box', async () => {
    const white = await plain('#ffffff', 200, 150).png().toBuffer()
    const drawn = await image.annotate(white, [{ left: 50, top: 60, width: 100, height: 50, label: 'Ёж 0.93', color: '#0072b2' }], { lineWidth: 4 })
    expect(await colorAt(drawn, 51, 90)).toEqual([0, 0x72, 0xb2])
    expect(await colorAt(drawn, 100, 90)).toEqual([255, 255, 255])
    expect(await colorAt(drawn, 51, 58)).toEqual([0, 0x72, 0xb2])
    // white letters on the label
    const { data, width } = await pixelsOf(await sharp(drawn).extract({ left: 50, top: 45, width: 50, height: 14 }).png().toBuffer())
    expect(Array.from({ length: width * 14 }, (_, index) => data[index * 3]!).filter((level) => level > 200).length).toBeGreaterThan(20)
    const outside = await image.annotate(white, [{ left: -20, top: -20, width: 900, height: 900, label: 'x'.repeat(900) }])
    expect(await sharp(outside).metadata()).toMatchObject({ width: 200, height: 150 })
    await expect(image.annotate(white, [{ left: 0, top: 0, width: -1, height: 1 }])).rejects.toThrow('Box 0: its width and height must not be negative')
    await expect(image.annotate(white, [{ left: 0, top: 0, width: 1, height: 1, color: 'red' }])).rejects.toThrow('its color must be like #00aaff')
  })
})

describe('analysis', () => {
  test('histogram', async () => {
    const halves = await plain('#000000', 40, 20)
      .composite([{ input: await plain('#ff8000', 20, 20).png().toBuffer(), left: 20, top: 0 }])
      .png()
      .toBuffer()
    const { red, green, blue, luma } = await image.histogram(halves, { bins: 4 })
    expect([red, green, blue].map((list) => list.map((share) => Math.round(share * 100)))).toEqual([
      [50, 0, 0, 50],
      [50, 0, 50, 0],
      [100, 0, 0, 0],
    ])
    expect(luma.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9)
    await expect(image.histogram(halves, { bins: 1 })).rejects.toMatchObject({ code: 'VALUE_INVALID' })
  })

  test('dominant colours, the largest first', async () => {
    const bytes = await plain('#204060', 60, 50)
      .composite([{ input: await plain('#f0c010', 20, 50).png().toBuffer(), left: 0, top: 0 }])
      .png()
      .toBuffer()
    expect(await image.dominantColors(bytes)).toEqual([
      { color: '#204060', share: expect.closeTo(2 / 3, 6) as number },
      { color: '#f0c010', share: expect.closeTo(1 / 3, 6) as number },
    ])
    expect((await image.dominantColors(png, { count: 3 })).length).toBe(3)
  })

  test('a perceptual hash is near for copies and far for others', async () => {
    const hash = await image.perceptualHash(png)
    const copy = await sharp(png).resize(90).jpeg({ quality: 40 }).toBuffer()
    expect(image.hashDistance(hash, await image.perceptualHash(copy))).toBeLessThanOrEqual(6)
    expect(image.hashDistance(hash, await image.perceptualHash(await sharp(png).flop().png().toBuffer()))).toBeGreaterThan(16)
    expect(image.hashDistance('ffffffffffffffff', '0000000000000000')).toBe(64)
    expect(() => image.hashDistance('x', hash)).toThrow('is no perceptual hash')
  })

  test('EXIF', async () => {
    const tagged = await drawing(64, 48)
      .jpeg()
      .withExif({
        IFD0: { Make: 'Canon', Model: 'EOS' },
        IFD2: { DateTimeOriginal: '2024:02:29 13:30:00', OffsetTimeOriginal: '+02:00', ExposureTime: '1/250', FNumber: '28/10', ISOSpeedRatings: '400' },
        IFD3: { GPSLatitudeRef: 'S', GPSLatitude: '33/1 51/1 36/1', GPSLongitudeRef: 'E', GPSLongitude: '151/1 12/1 0/1' },
      })
      .toBuffer()
    expect(await image.exif(tagged)).toMatchObject({
      make: 'Canon',
      model: 'EOS',
      takenAt: new Date('2024-02-29T11:30:00Z'),
      latitude: expect.closeTo(-33.86, 6) as number,
      longitude: expect.closeTo(151.2, 6) as number,
      exposureSeconds: 0.004,
      fNumber: 2.8,
      iso: 400,
      altitude: null,
      tags: { Image: { Make: 'Canon' }, Photo: { FNumber: 2.8 } },
    })
    expect(await image.exif(png)).toMatchObject({ make: null, takenAt: null, latitude: null, tags: {} })
  })

  test('HEIC says what to do', () => {
    const message = 'source: bad seek to 1\nheif: Error while loading plugin: Support for this compression format has not been built in (11.6003)'
    expect(reasonOf(new Error(message))).toContain('it is HEIC, coded with HEVC, which needs a libvips of your own that decodes it: convert it to JPEG or AVIF')
  })
})
