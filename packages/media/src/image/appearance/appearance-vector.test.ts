import { readdir, readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { drawing, plain } from '../../testing/pictures.ts'
import type { RgbPixels } from '../rgb-pixels.ts'
import { appearanceDimensions, appearanceOf, appearanceVector } from './appearance-vector.ts'
import { colorLayout } from './color-layout.ts'
import { edgeHistogram } from './edge-histogram.ts'
import { edgeRegions, regionShares } from './edge-regions.ts'

const zigzag = [
  [0, 0],
  [0, 1],
  [1, 0],
  [2, 0],
  [1, 1],
  [0, 2],
  [0, 3],
  [1, 2],
  [2, 1],
  [3, 0],
  [4, 0],
  [3, 1],
  [2, 2],
  [1, 3],
  [0, 4],
] as const

describe('the colour layout', () => {
  test('equals its definition: block means, YCbCr, the DCT as a double sum', () => {
    for (const [width, height] of [
      [8, 8],
      [16, 24],
      [37, 29],
      [64, 50],
    ] as const) {
      const pixels = randomPixels(width, height)
      const layout = colorLayout(pixels, { y: 15, c: 15 })
      for (const [plane, values] of [layout.y, layout.cb, layout.cr].entries()) {
        for (const [index, [v, u]] of zigzag.entries()) expect(values[index]).toBeCloseTo(coefficient(pixels, plane, u, v), 6)
      }
    }
  })

  test('of one colour has nothing but its mean', () => {
    const layout = colorLayout(solid(32, 32, [255, 0, 0]), { y: 6, c: 3 })
    expect(layout.y[0]).toBeCloseTo(8 * (0.299 * 255 - 128), 9)
    expect(layout.cr[0]).toBeCloseTo(8 * 127.5, 9)
    for (const value of [...layout.y.slice(1), ...layout.cb.slice(1), ...layout.cr.slice(1)]) expect(value).toBeCloseTo(0, 9)
  })
})

describe('the edge histogram', () => {
  test('equals its definition on noise', () => {
    for (const [width, height] of [
      [64, 64],
      [100, 70],
      [256, 171],
      [129, 256],
    ] as const) {
      const pixels = randomPixels(width, height)
      const expected = plainEdgeHistogram(pixels)
      const found = edgeHistogram(pixels)
      expect(found).toHaveLength(80)
      for (const [index, value] of expected.entries()) expect(found[index]).toBeCloseTo(value, 12)
    }
  })

  test.each([
    ['vertical', 0, (x: number, _y: number, half: number) => x % (2 * half) < half],
    ['horizontal', 1, (_x: number, y: number, half: number) => y % (2 * half) < half],
    ['without direction', 4, (x: number, y: number, half: number) => x % (2 * half) < half === y % (2 * half) < half],
  ])('finds edges that are %s', (_, type, isBright) => {
    // 134 × 134 pixels make blocks of 4 × 4, so squares of 2 × 2.
    const pixels = painted(134, 134, (x, y) => (isBright(x, y, 2) ? 255 : 0))
    const histogram = edgeHistogram(pixels)
    for (let part = 0; part < 16; part++)
      expect([...histogram.subarray(part * 5, part * 5 + 5)]).toEqual([0, 1, 2, 3, 4].map((other) => (other === type ? 1 : 0)))
  })

  test.each([
    ['45°', 2, [255, 128, 128, 0]],
    ['135°', 3, [128, 255, 0, 128]],
  ] as const)('finds edges of %s', (_, type, levels) => {
    const pixels = painted(134, 134, (x, y) => levels[(y % 4 < 2 ? 0 : 2) + (x % 4 < 2 ? 0 : 1)]!)
    expect(edgeHistogram(pixels)[type]).toBe(1)
  })

  test('has nothing where there is no edge, and regions sum to 1', () => {
    const histogram = edgeHistogram(solid(64, 64, [90, 90, 90]))
    expect([...histogram]).toEqual(Array.from({ length: 80 }, () => 0))
    const noisy = edgeHistogram(randomPixels(100, 80))
    expect(edgeRegions).toHaveLength(30)
    for (const { parts } of edgeRegions) expect(regionShares(noisy, parts).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9)
  })
})

describe('the appearance', () => {
  test('is a unit vector of 198 numbers, also of a single pixel, of grey, and of a strip', async () => {
    for (const picture of [drawing(), plain('#808080', 1, 1), plain('#808080', 50, 50), plain('#123456', 2000, 1), drawing(3, 900)]) {
      const vector = await appearanceVector(await picture.png().toBuffer())
      expect(vector).toHaveLength(appearanceDimensions)
      expect(appearanceDimensions).toBe(198)
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5)
    }
  })

  test('hardly depends on size, format and quality', async () => {
    const original = await appearanceVector(await drawing(1600, 1200).png().toBuffer())
    for (const bytes of [
      await drawing(800, 600).png().toBuffer(),
      await drawing(400, 300).jpeg({ quality: 60 }).toBuffer(),
      await drawing(1600, 1200).webp().toBuffer(),
    ]) {
      expect(cosine(original, await appearanceVector(bytes))).toBeGreaterThan(0.98)
    }
  })

  test('follows the EXIF orientation', async () => {
    const turned = await drawing().rotate(90).png().toBuffer()
    const flagged = await sharp(await sharp(turned).rotate(-90).png().toBuffer())
      .jpeg({ quality: 95 })
      .withMetadata({ orientation: 6 })
      .toBuffer()
    expect(cosine(await appearanceVector(turned), await appearanceVector(flagged))).toBeGreaterThan(0.98)
  })

  test('of an opposite picture is far away', () => {
    const light = painted(256, 256, (x) => (x < 128 ? 255 : 0))
    const dark = painted(256, 256, (x) => (x < 128 ? 0 : 255))
    expect(cosine(appearanceOf(light), appearanceOf(dark))).toBeLessThan(0)
  })

  test('puts each example picture beside one of its family', async () => {
    const folder = new URL('../../../../../examples/pictures/images/', import.meta.url)
    const names = (await readdir(folder)).filter((name) => /-\d\.\w+$/.test(name))
    expect(names).toHaveLength(32)
    const vectors = await Promise.all(names.map(async (name) => appearanceVector(await readFile(new URL(name, folder)))))
    const family = (name: string) => name.replace(/-\d\.\w+$/, '')
    let right = 0
    for (const [index, name] of names.entries()) {
      const others = names.map((other, at) => ({ other, similarity: cosine(vectors[index]!, vectors[at]!) })).filter(({ other }) => other !== name)
      const nearest = others.toSorted((a, b) => b.similarity - a.similarity).slice(0, 3)
      expect(family(nearest[0]!.other)).toBe(family(name))
      right += nearest.filter(({ other }) => family(other) === family(name)).length
    }
    expect(right / (3 * names.length)).toBeGreaterThan(0.95)
  })
})

function cosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + value * b[index]!, 0)
}

function painted(width: number, height: number, level: (x: number, y: number) => number): RgbPixels {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, index) => level(Math.floor(index / 3) % width, Math.floor(index / 3 / width)))
  return { data, width, height }
}

function solid(width: number, height: number, color: readonly [number, number, number]): RgbPixels {
  return { data: Uint8Array.from({ length: width * height * 3 }, (_, index) => color[index % 3]!), width, height }
}

function randomPixels(width: number, height: number): RgbPixels {
  let state = width * 1000 + height
  const next = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24
  return { data: Uint8Array.from({ length: width * height * 3 }, next), width, height }
}

/** Plane 0 is Y, 1 Cb, 2 Cr, by the matrix of JFIF. */
function coefficient({ data, width, height }: RgbPixels, plane: number, u: number, v: number): number {
  const matrix = [
    [0.299, 0.587, 0.114, -128],
    [-0.168735892, -0.331264108, 0.5, 0],
    [0.5, -0.418687589, -0.081312411, 0],
  ][plane]!
  let sum = 0
  for (let j = 0; j < 8; j++) {
    for (let i = 0; i < 8; i++) {
      const values: number[] = []
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const inside =
            x >= Math.floor((i * width) / 8) &&
            x < Math.floor(((i + 1) * width) / 8) &&
            y >= Math.floor((j * height) / 8) &&
            y < Math.floor(((j + 1) * height) / 8)
          const at = (y * width + x) * 3
          if (inside) values.push(matrix[0]! * data[at]! + matrix[1]! * data[at + 1]! + matrix[2]! * data[at + 2]! + matrix[3]!)
        }
      }
      const mean = values.reduce((total, value) => total + value, 0) / values.length
      sum += mean * Math.cos(((2 * i + 1) * u * Math.PI) / 16) * Math.cos(((2 * j + 1) * v * Math.PI) / 16)
    }
  }
  const c = (wave: number) => (wave === 0 ? Math.SQRT1_2 : 1)
  return (c(u) * c(v) * sum) / 4
}

/** Block by block with the five masks as the paper prints them. */
function plainEdgeHistogram({ data, width, height }: RgbPixels): readonly number[] {
  const root = Math.sqrt(2)
  const masks = [
    [1, -1, 1, -1],
    [1, 1, -1, -1],
    [root, 0, 0, -root],
    [0, root, -root, 0],
    [2, -2, -2, 2],
  ]
  const block = Math.max(2, 2 * Math.floor(Math.sqrt((width * height) / 1100) / 2))
  const counts = Array.from({ length: 16 }, () => ({ blocks: 0, edges: [0, 0, 0, 0, 0] }))
  for (let row = 0; row < Math.floor(height / block); row++) {
    for (let column = 0; column < Math.floor(width / block); column++) {
      const sums = [0, 0, 0, 0]
      for (let y = 0; y < block; y++) {
        for (let x = 0; x < block; x++) {
          const at = ((row * block + y) * width + column * block + x) * 3
          sums[(y < block / 2 ? 0 : 2) + (x < block / 2 ? 0 : 1)]! += 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!
        }
      }
      const means = sums.map((sum) => sum / (block / 2) ** 2)
      const answers = masks.map((mask) => Math.abs(mask.reduce((total, factor, index) => total + factor * means[index]!, 0)))
      const part = counts[Math.floor((4 * row * block) / height) * 4 + Math.floor((4 * column * block) / width)]!
      part.blocks++
      const best = answers.indexOf(Math.max(...answers))
      if (answers[best]! >= 11) part.edges[best]!++
    }
  }
  return counts.flatMap(({ blocks, edges }) => edges.map((edge) => edge / blocks))
}
