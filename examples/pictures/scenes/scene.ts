/** Numbers from 0 to 1 (without 1), always the same for the same seed: mulberry32. */
export type Random = () => number

export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let value = Math.imul(state ^ (state >>> 15), state | 1)
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296
  }
}

export const width = 360
export const height = 240

/** Draws one picture of a family: what stands between `<svg>` and `</svg>`, on 360 × 240. */
export type Scene = (random: Random, index: number) => string

export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random()
}

export function pick<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)]!
}

export function times(count: number, draw: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => draw(index)).join('')
}

export function hsl(hue: number, saturation: number, lightness: number): string {
  return `hsl(${((hue % 360) + 360) % 360}, ${Math.round(saturation)}%, ${Math.round(lightness)}%)`
}

/** A vertical gradient over stops from 0 (top) to 1. */
export function gradient(id: string, stops: readonly (readonly [number, string])[]): string {
  const drawn = stops.map(([offset, color]) => `<stop offset="${offset}" stop-color="${color}"/>`).join('')
  return `<linearGradient id="${id}" x1="0" y1="0" x2="0" y2="1">${drawn}</linearGradient>`
}

/** White clouds with soft edges, to be laid over a sky. */
export function clouds(
  random: Random,
  id: string,
  options: { readonly color: string; readonly opacity: number; readonly top: number; readonly bottom: number },
): string {
  const seed = Math.floor(random() * 1000)
  const cover = between(random, -1.1, -0.75)
  return `<filter id="${id}" x="0" y="0" width="1" height="1" color-interpolation-filters="sRGB">
    <feTurbulence type="fractalNoise" baseFrequency="0.008 0.025" numOctaves="5" seed="${seed}"/>
    <feColorMatrix values="0 0 0 0 1  0 0 0 0 1  0 0 0 0 1  2.6 1 0 0 ${cover}"/>
    <feComposite in2="SourceGraphic" operator="in" result="shape"/>
    <feFlood flood-color="${options.color}"/><feComposite in2="shape" operator="in"/></filter>
    <rect x="0" y="${options.top}" width="${width}" height="${options.bottom - options.top}" filter="url(#${id})" opacity="${options.opacity}"/>`
}

/** Light and dark grain over what is drawn, as rough surfaces have it. */
export function roughness(random: Random, id: string, options: { readonly frequency: string; readonly strength: number; readonly area: string }): string {
  const seed = Math.floor(random() * 1000)
  return `<filter id="${id}" x="0" y="0" width="1" height="1" color-interpolation-filters="sRGB">
    <feTurbulence type="fractalNoise" baseFrequency="${options.frequency}" numOctaves="4" seed="${seed}"/>
    <feColorMatrix values="1.6 0 0 0 -0.3  1.6 0 0 0 -0.3  1.6 0 0 0 -0.3  0 0 0 0 1"/>
    <feComposite in2="SourceGraphic" operator="in"/></filter>
    <g style="mix-blend-mode:overlay" opacity="${options.strength}"><path d="${options.area}" fill="#000" filter="url(#${id})"/></g>`
}

export const everywhere: string = `M0 0H${width}V${height}H0Z`
