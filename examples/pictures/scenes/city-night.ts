import { between, gradient, height, hsl, pick, roughness, type Scene, times, width } from './scene.ts'

/** Lit windows before a dark sky, and the street's lights out of focus. */
export const cityNight: Scene = (random) => {
  const hue = between(random, 218, 258)
  const sky = gradient('sky', [
    [0, hsl(hue, 52, 6)],
    [0.6, hsl(hue + 8, 46, 15)],
    [1, hsl(hue + 70, 42, 27)],
  ])
  const skyline = times(3, (row) => {
    let drawn = ''
    for (let x = -10; x < width;) {
      const [wide, tall] = [between(random, 22, 46), between(random, 50, 118) + 18 * (1 - row) + (random() < 0.15 ? 34 : 0)]
      const top = 212 - tall + 8 * row
      drawn += `<rect x="${x}" y="${top}" width="${wide}" height="${height - top}" fill="${hsl(hue, 30, 5 + 4 * (2 - row))}"/>`
      const lit = between(random, 0.2, 0.65)
      for (let y = top + 5; y < 214; y += 7) {
        for (let column = x + 3; column < x + wide - 4; column += 5.5) {
          if (random() < lit)
            drawn += `<rect x="${column}" y="${y}" width="2.8" height="3.8" fill="${pick(random, ['#ffd98a', '#ffc861', '#fff1c9', '#bcd8ff'])}" opacity="${between(random, 0.35, 1) - 0.15 * (2 - row)}"/>`
        }
      }
      x += wide + between(random, -3, 9)
    }
    return drawn
  })
  const lamps = times(26, () => {
    const color = pick(random, ['#ffb14a', '#ff6a4a', '#ffe3a3', '#ff4a5e', '#8fd0ff'])
    return `<circle cx="${between(random, 0, width)}" cy="${between(random, 208, 236)}" r="${between(random, 2.5, 9)}" fill="${color}" opacity="${between(random, 0.25, 0.7)}"/>`
  })
  const moon = random() < 0.5 ? `<circle cx="${between(random, 40, 320)}" cy="${between(random, 22, 48)}" r="10" fill="#f6efd8"/>` : ''
  return `<defs>${sky}<filter id="soft"><feGaussianBlur stdDeviation="1.6"/></filter><filter id="glow"><feGaussianBlur stdDeviation="0.55"/></filter></defs>
    <rect width="${width}" height="${height}" fill="url(#sky)"/>
    ${times(60, () => `<circle cx="${between(random, 0, width)}" cy="${between(random, 0, 110)}" r="${between(random, 0.3, 0.9)}" fill="#fff" opacity="${between(random, 0.2, 0.8)}"/>`)}${moon}
    <g filter="url(#glow)">${skyline}</g><rect y="206" width="${width}" height="34" fill="${hsl(hue, 32, 7)}" opacity="0.85"/><g filter="url(#soft)">${lamps}</g>
    ${roughness(random, 'rough', { frequency: '0.02 0.03', strength: 0.35, area: `M0 0H${width}V${height}H0Z` })}`
}
