import { between, gradient, height, hsl, type Scene, times, width } from './scene.ts'

const stripes: readonly { readonly colors: readonly string[]; readonly upright: boolean }[] = [
  { colors: ['#0b3d91', '#f4f1ea', '#c8202f'], upright: true },
  { colors: ['#0a7a3d', '#f4f1ea', '#d0202d'], upright: true },
  { colors: ['#1a1a1a', '#c81e2b', '#f0b920'], upright: false },
  { colors: ['#c8202f', '#f4f1ea', '#1e4fa3'], upright: false },
]

/** Cloth of three stripes in the wind. */
export const flag: Scene = (random, index) => {
  const { colors, upright } = stripes[index % stripes.length]!
  const phase = between(random, 0, 6)
  const [steps, left, right, top, tall] = [72, 34, 346, 34, 164]
  const wave = (x: number) => 9 * Math.sin(phase + x / 36) * ((x - left) / (right - left)) ** 0.6
  const slope = (x: number) => Math.cos(phase + x / 36) * ((x - left) / (right - left)) ** 0.6
  const cloth = times(steps, (step) => {
    const [x, wide] = [left + ((right - left) * step) / steps, (right - left) / steps + 0.6]
    const y = top + wave(x)
    const shade = slope(x)
    const fold = `<rect x="${x}" y="${y}" width="${wide}" height="${tall}" fill="${shade > 0 ? '#fff' : '#000'}" opacity="${Math.abs(shade) * 0.28}"/>`
    if (upright) return `<rect x="${x}" y="${y}" width="${wide}" height="${tall}" fill="${colors[Math.floor((step * 3) / steps)]}"/>${fold}`
    return colors.map((color, row) => `<rect x="${x}" y="${y + (tall * row) / 3}" width="${wide}" height="${tall / 3 + 0.5}" fill="${color}"/>`).join('') + fold
  })
  const sky = gradient('sky', [
    [0, hsl(210, 55, 60)],
    [1, hsl(206, 45, 84)],
  ])
  return `<defs>${sky}<filter id="weave" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency="0.5 0.5" numOctaves="2" seed="${index}"/><feColorMatrix values="0 0 0 0 0  0 0 0 0 0  0 0 0 0 0  0 0 0 0.7 -0.2"/><feComposite in2="SourceGraphic" operator="in" result="n"/><feMerge><feMergeNode in="SourceGraphic"/><feMergeNode in="n"/></feMerge></filter></defs>
    <rect width="${width}" height="${height}" fill="url(#sky)"/><rect x="24" y="14" width="9" height="${height}" fill="#8c8478"/><rect x="24" y="14" width="3" height="${height}" fill="#d8d2c6"/><circle cx="28.5" cy="13" r="7" fill="#c9a94d"/>
    <g filter="url(#weave)">${cloth}</g>`
}
