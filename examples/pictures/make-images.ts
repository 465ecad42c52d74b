// Draws the example pictures: `node make-images.ts` writes ./images anew. Every one is made from its family's scene and a seed.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import sharp from 'sharp'
import { brick } from './scenes/brick.ts'
import { cityNight } from './scenes/city-night.ts'
import { flag } from './scenes/flag.ts'
import { forest } from './scenes/forest.ts'
import { fruit } from './scenes/fruit.ts'
import { mountain } from './scenes/mountain.ts'
import { height, type Scene, seededRandom, width } from './scenes/scene.ts'
import { sea } from './scenes/sea.ts'
import { sunset } from './scenes/sunset.ts'

const folder = fileURLToPath(new URL('./images/', import.meta.url))
const perFamily = 4

const families: Readonly<Record<string, Scene>> = { sunset, sea, forest, 'city-night': cityNight, fruit, flag, mountain, brick }

await mkdir(folder, { recursive: true })
for (const [family, [name, scene]] of Object.entries(families).entries()) {
  for (let index = 0; index < perFamily; index++) {
    const seed = 1000 * (family + 1) + index
    await writePicture(`${name}-${index + 1}`, await photograph(scene, seed, index), index)
  }
}
await writeBroken()

/** Draws the scene, then adds what a camera adds: darker corners and grain. */
async function photograph(scene: Scene, seed: number, index: number): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${scene(seededRandom(seed), index)}</svg>`
  const pixels = await sharp(Buffer.from(svg)).flatten().removeAlpha().raw().toBuffer()
  const random = seededRandom(seed + 500)
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [x, y] = [(pixel % width) / width - 0.5, Math.floor(pixel / width) / height - 0.5]
    const corner = 1 - 0.45 * (x * x + y * y)
    const grain = (random() + random() + random() - 1.5) * 7
    for (let channel = 0; channel < 3; channel++) {
      const at = pixel * 3 + channel
      pixels[at] = Math.max(0, Math.min(255, Math.round(pixels[at]! * corner + grain)))
    }
  }
  return pixels
}

/** Mostly JPEG; the third of a family is a WebP, and the flags' fourth a PNG. */
async function writePicture(name: string, pixels: Buffer, index: number): Promise<void> {
  const picture = sharp(pixels, { raw: { width, height, channels: 3 } })
  if (name === 'flag-4') return write(`${name}.png`, await picture.median(5).png({ palette: true, colours: 48, dither: 0, effort: 10 }).toBuffer())
  if (index === 2) return write(`${name}.webp`, await picture.webp({ quality: 72 }).toBuffer())
  await write(`${name}.jpg`, await picture.jpeg({ quality: 74, mozjpeg: true }).toBuffer())
}

/** The first half of a good file, as a broken transfer leaves it. */
async function writeBroken(): Promise<void> {
  const whole = await readFile(join(folder, 'sunset-1.jpg'))
  await write('broken.jpg', whole.subarray(0, Math.floor(whole.length / 2)))
}

async function write(name: string, bytes: Uint8Array): Promise<void> {
  await writeFile(join(folder, name), bytes)
  console.log(name, bytes.length)
}
