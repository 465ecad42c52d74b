import { between, everywhere, height, hsl, roughness, type Scene, width } from './scene.ts'

/** A wall of bricks, straight on. */
export const brick: Scene = (random) => {
  const hue = between(random, 6, 22)
  const [wide, tall, joint] = [between(random, 40, 54), between(random, 16, 21), between(random, 2.5, 4)]
  let drawn = ''
  for (let row = 0; row * tall < height; row++) {
    for (let x = row % 2 === 0 ? 0 : -wide / 2; x < width; x += wide) {
      const color = hsl(hue + between(random, -5, 6), between(random, 38, 56), between(random, 30, 46))
      drawn += `<rect x="${x + joint / 2}" y="${row * tall + joint / 2}" width="${wide - joint}" height="${tall - joint}" rx="1.5" fill="${color}"/><path d="M${x + joint / 2} ${(row + 1) * tall - joint / 2}h${wide - joint}" stroke="#000" stroke-width="1.2" opacity="0.35"/>`
    }
  }
  return `<rect width="${width}" height="${height}" fill="${hsl(34, 12, 66)}"/>${drawn}
    ${roughness(random, 'rough', { frequency: '0.09', strength: 0.7, area: everywhere })}${roughness(random, 'stain', { frequency: '0.009', strength: 0.45, area: everywhere })}`
}
