import { between, clouds, gradient, height, hsl, roughness, type Random, type Scene, times, width } from './scene.ts'

/** Ranges one behind the other, the far ones pale, the highest with snow. */
export const mountain: Scene = (random) => {
  const hue = between(random, 204, 232)
  const sky = gradient('sky', [
    [0, hsl(hue, 58, 58)],
    [1, hsl(hue - 8, 48, 88)],
  ])
  const ranges = times(4, (range) => {
    const near = range / 3
    const ridge = ridgeline(random, 84 + 40 * range, 62 - 14 * range)
    const line = ridge.map(([x, y]) => `L${x.toFixed(1)} ${y.toFixed(1)}`).join('')
    const color = hsl(hue - 95 * near ** 2, 22 + 12 * near, 58 - 40 * near)
    const rock = `<path d="M0 ${height}${line}L${width} ${height}Z" fill="${color}"/>`
    if (range > 1) return rock
    const snow = ridge.map(([x, y]) => `L${x.toFixed(1)} ${(y + Math.max(0, 104 + 22 * range - y) * between(random, 0.25, 0.85)).toFixed(1)}`)
    return `${rock}<path d="M0 ${ridge[0]![1]}${line}${snow.toReversed().join('')}Z" fill="#f7fafd" opacity="${0.95 - 0.15 * range}"/>`
  })
  return `<defs>${sky}</defs><rect width="${width}" height="${height}" fill="url(#sky)"/>
    ${clouds(random, 'clouds', { color: '#fff', opacity: 0.7, top: 0, bottom: 110 })}${ranges}
    ${roughness(random, 'rough', { frequency: '0.05 0.08', strength: 0.38, area: `M0 60H${width}V${height}H0Z` })}`
}

/** By halving: each middle is moved up or down, less and less. */
function ridgeline(random: Random, level: number, roughnessOfRange: number): readonly (readonly [number, number])[] {
  let heights = Array.from({ length: 6 }, (_, index) => level + (index % 2 === 0 ? 1 : -1) * between(random, 0, roughnessOfRange * 0.8))
  for (let swing = roughnessOfRange; heights.length < 120; swing *= 0.52) {
    heights = heights.flatMap((value, index) => (index === 0 ? [value] : [(heights[index - 1]! + value) / 2 + between(random, -swing, swing) * 0.5, value]))
  }
  return heights.map((value, index) => [(index * width) / (heights.length - 1), Math.max(24, value)])
}
