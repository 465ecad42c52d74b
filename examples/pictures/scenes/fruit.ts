import { between, gradient, height, hsl, roughness, type Scene, times, width } from './scene.ts'

const kinds: readonly { readonly hue: number; readonly saturation: number; readonly lightness: number }[] = [
  { hue: 28, saturation: 95, lightness: 52 },
  { hue: 2, saturation: 78, lightness: 42 },
  { hue: 92, saturation: 58, lightness: 46 },
  { hue: 52, saturation: 92, lightness: 55 },
]

/** Round fruit of one kind on a wooden table, lit from the upper left. */
export const fruit: Scene = (random, index) => {
  const { hue, saturation, lightness } = kinds[index % kinds.length]!
  const wall = gradient('wall', [
    [0, hsl(34, 24, 74)],
    [1, hsl(30, 26, 60)],
  ])
  const table = gradient('table', [
    [0, hsl(26, 44, 36)],
    [1, hsl(24, 46, 24)],
  ])
  const edge = between(random, 108, 128)
  const rounds = Array.from({ length: 9 }, (_, place) => ({
    x: 46 + (place % 5) * 66 + between(random, -16, 16) + (place > 4 ? 30 : 0),
    y: (place > 4 ? edge + 66 : edge + 24) + between(random, -6, 8),
    radius: between(random, 30, 38),
  })).toSorted((a, b) => a.y - b.y)
  const drawn = rounds.map(({ x, y, radius }, place) => {
    const turn = between(random, -6, 6)
    return `<radialGradient id="f${place}" cx="0.36" cy="0.3" r="0.75"><stop offset="0" stop-color="${hsl(hue + turn + 8, saturation, lightness + 26)}"/><stop offset="0.35" stop-color="${hsl(hue + turn, saturation, lightness)}"/><stop offset="1" stop-color="${hsl(hue + turn - 14, saturation - 8, lightness * 0.42)}"/></radialGradient>
      <ellipse cx="${x + 9}" cy="${y + radius * 0.88}" rx="${radius * 1.02}" ry="${radius * 0.26}" fill="#140a04" opacity="0.5" filter="url(#soft)"/>
      <ellipse cx="${x}" cy="${y}" rx="${radius}" ry="${radius * 0.95}" fill="url(#f${place})"/>
      <ellipse cx="${x - radius * 0.33}" cy="${y - radius * 0.4}" rx="${radius * 0.2}" ry="${radius * 0.12}" fill="#fff" opacity="0.55" filter="url(#soft)" transform="rotate(-32 ${x} ${y})"/>
      <path d="M${x + 2} ${y - radius * 0.84}q2 -7 7 -10" stroke="#3d2a12" stroke-width="2.6" fill="none"/>`
  })
  return `<defs>${wall}${table}<filter id="soft"><feGaussianBlur stdDeviation="2.4"/></filter></defs>
    <rect width="${width}" height="${height}" fill="url(#wall)"/><rect y="${edge}" width="${width}" height="${height - edge}" fill="url(#table)"/>
    ${times(7, (line) => `<rect y="${edge + (height - edge) * (line / 7) ** 1.4}" width="${width}" height="1.2" fill="#1a0d05" opacity="0.35"/>`)}
    ${roughness(random, 'wood', { frequency: '0.006 0.16', strength: 0.6, area: `M0 ${edge}H${width}V${height}H0Z` })}
    ${roughness(random, 'plaster', { frequency: '0.03', strength: 0.25, area: `M0 0H${width}V${edge}H0Z` })}${drawn.join('')}
    ${roughness(random, 'peel', { frequency: '0.35', strength: 0.22, area: `M0 ${edge - 30}H${width}V${height}H0Z` })}`
}
