import { between, clouds, gradient, height, hsl, roughness, type Scene, times, width } from './scene.ts'

/** Open water by day: sky, waves with foam, sometimes a sail or a beach. */
export const sea: Scene = (random, index) => {
  const horizon = between(random, 82, 112)
  const hue = between(random, 188, 212)
  const sky = gradient('sky', [
    [0, hsl(hue + 14, 68, 52)],
    [1, hsl(hue + 4, 62, 86)],
  ])
  const water = gradient('water', [
    [0, hsl(hue + 6, 64, 38)],
    [0.5, hsl(hue, 68, 36)],
    [1, hsl(hue - 12, 62, 48)],
  ])
  const foam = times(70, () => {
    const depth = random() ** 0.7
    const y = horizon + 4 + (height - horizon) * depth
    const [x, half] = [between(random, -20, width), (3 + 22 * depth) * between(random, 0.4, 1)]
    return `<path d="M${x} ${y}q${half / 2} ${-1 - 3 * depth} ${half} 0t${half} 0" fill="none" stroke="#fff" stroke-width="${0.4 + 1.2 * depth}" opacity="${between(random, 0.15, 0.6)}"/>`
  })
  const [x, y] = [between(random, 60, 300), horizon + 12]
  const sail = `<path d="M${x} ${y}l0 -44l26 40z" fill="#fdfcf6"/><path d="M${x - 2} ${y}l0 -36l-15 34z" fill="#eee8da"/><path d="M${x - 22} ${y + 2}h52l-9 9h-34z" fill="#5b2e1d"/>`
  const shore = between(random, 186, 204)
  const beach = `<path d="M0 ${shore + 14}Q90 ${shore - 14} 190 ${shore + 8}T360 ${shore - 6}V240H0Z" fill="#fff" opacity="0.8"/><path d="M0 ${shore + 20}Q90 ${shore - 7} 190 ${shore + 14}T360 ${shore}V240H0Z" fill="${hsl(40, 52, 72)}"/>`
  return `<defs>${sky}${water}</defs><rect width="${width}" height="${horizon + 1}" fill="url(#sky)"/>
    ${clouds(random, 'clouds', { color: '#fff', opacity: 0.9, top: 0, bottom: horizon - 4 })}
    <rect y="${horizon}" width="${width}" height="${height - horizon}" fill="url(#water)"/>
    ${roughness(random, 'rough', { frequency: '0.02 0.11', strength: 0.75, area: `M0 ${horizon}H${width}V${height}H0Z` })}
    ${foam}${index % 2 === 0 ? sail : ''}${index % 3 === 1 ? beach : ''}`
}
