import { between, clouds, everywhere, gradient, height, hsl, roughness, type Scene, times, width } from './scene.ts'

/** The sun low over water, with its way of light. */
export const sunset: Scene = (random) => {
  const horizon = between(random, 135, 160)
  const [x, y, radius] = [between(random, 90, 270), horizon - between(random, 8, 34), between(random, 13, 20)]
  const hue = between(random, 12, 34)
  const sky = gradient('sky', [
    [0, hsl(hue + 235, 38, 24)],
    [0.45, hsl(hue - 22, 58, 44)],
    [0.8, hsl(hue, 88, 56)],
    [1, hsl(hue + 16, 96, 68)],
  ])
  const water = gradient('water', [
    [0, hsl(hue, 72, 50)],
    [0.35, hsl(hue - 16, 48, 32)],
    [1, hsl(hue + 225, 42, 15)],
  ])
  const light = times(46, (index) => {
    const depth = (index + random()) / 46
    const half = (4 + 34 * depth) * between(random, 0.3, 1)
    const top = horizon + 2 + (height - horizon) * depth
    return `<ellipse cx="${x + between(random, -14, 14) * depth}" cy="${top}" rx="${half}" ry="${0.6 + 1.5 * depth}" fill="${hsl(hue + 18, 96, 74)}" opacity="${0.75 - 0.5 * depth}"/>`
  })
  const coast =
    random() < 0.6
      ? `<path d="M0 ${horizon}L0 ${horizon - between(random, 14, 30)}Q${between(random, 40, 80)} ${horizon - between(random, 18, 34)} ${between(random, 110, 170)} ${horizon}Z" fill="${hsl(hue + 250, 35, 12)}"/>`
      : ''
  return `<defs>${sky}${water}<radialGradient id="glow"><stop offset="0" stop-color="${hsl(hue + 25, 100, 86)}"/><stop offset="0.25" stop-color="${hsl(hue + 12, 98, 66)}" stop-opacity="0.7"/><stop offset="1" stop-color="${hsl(hue, 95, 55)}" stop-opacity="0"/></radialGradient></defs>
    <rect width="${width}" height="${height}" fill="url(#sky)"/>
    <circle cx="${x}" cy="${y}" r="${radius * 6}" fill="url(#glow)"/>
    ${clouds(random, 'clouds', { color: hsl(hue - 18, 70, 30), opacity: 0.75, top: 0, bottom: horizon - 6 })}
    <circle cx="${x}" cy="${y}" r="${radius}" fill="${hsl(hue + 28, 100, 90)}"/>
    <rect y="${horizon}" width="${width}" height="${height - horizon}" fill="url(#water)"/>${coast}${light}
    ${roughness(random, 'rough', { frequency: '0.012 0.14', strength: 0.5, area: `M0 ${horizon}H${width}V${height}H0Z` })}
    ${roughness(random, 'haze', { frequency: '0.01 0.03', strength: 0.2, area: everywhere })}`
}
