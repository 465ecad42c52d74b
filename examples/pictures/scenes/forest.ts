import { between, gradient, height, hsl, roughness, type Scene, times, width } from './scene.ts'

/** Trunks in rows, the nearer the darker, under leaves and over moss, with light from behind. */
export const forest: Scene = (random) => {
  const hue = between(random, 82, 128)
  const light = gradient('light', [
    [0, hsl(hue - 22, 58, 64)],
    [0.55, hsl(hue - 12, 50, 56)],
    [1, hsl(hue, 42, 26)],
  ])
  const rows = times(4, (row) => {
    const near = row / 3
    const color = hsl(hue - 46 * near, 26, 46 - 33 * near)
    return times(Math.round(17 - 9 * near), () => {
      const [x, thick] = [between(random, -8, width), (3 + 13 * near) * between(random, 0.7, 1.3)]
      const [foot, lean] = [168 + 52 * near + between(random, -6, 6), between(random, -7, 7)]
      const bough = `<path d="M${x + thick / 2} ${between(random, 40, 110)}q${between(random, -34, 34)} -14 ${between(random, -52, 52)} -34" stroke="${color}" stroke-width="${thick / 4}" fill="none"/>`
      return `<path d="M${x + lean} -5L${x - thick * 0.25} ${foot}h${thick * 1.5}L${x + thick * 0.85 + lean} -5Z" fill="${color}"/>${bough}`
    })
  })
  const leaves = times(330, () => {
    const y = between(random, -6, 92) * random() ** 0.35
    return `<ellipse cx="${between(random, 0, width)}" cy="${y}" rx="${between(random, 4, 15)}" ry="${between(random, 3, 8)}" fill="${hsl(hue + between(random, -18, 16), between(random, 38, 62), between(random, 20, 46))}" opacity="0.75" transform="rotate(${between(random, -35, 35)} ${width / 2} ${y})"/>`
  })
  const floor = times(240, () => {
    const y = 172 + 70 * random() ** 0.8
    return `<path d="M${between(random, 0, width)} ${y}l${between(random, -5, 5)} ${between(random, -15, -4)}" stroke="${hsl(hue + between(random, -24, 12), 46, between(random, 16, 42))}" stroke-width="${between(random, 1, 3)}"/>`
  })
  return `<defs>${light}</defs><rect width="${width}" height="${height}" fill="url(#light)"/>${rows}
    <path d="M0 180Q90 162 190 178T360 172V240H0Z" fill="${hsl(hue - 5, 42, 22)}" opacity="0.85"/>${floor}${leaves}
    ${roughness(random, 'rough', { frequency: '0.06 0.05', strength: 0.65, area: `M0 0H${width}V${height}H0Z` })}`
}
