import type { Blend } from 'sharp'
import { VivantError } from '@vivant/core'
import { checkPixels } from './check-pixels.ts'
import { checkRange } from './filter-image.ts'
import { withImage } from './open-image.ts'
import { encodeImage, type OutputOptions } from './output-format.ts'
import { fromRawPixels, rawPixels, type RawPixels } from './raw-pixels.ts'

const places = {
  center: [0.5, 0.5],
  north: [0.5, 0],
  northeast: [1, 0],
  east: [1, 0.5],
  southeast: [1, 1],
  south: [0.5, 1],
  southwest: [0, 1],
  west: [0, 0.5],
  northwest: [0, 0],
} as const

export interface CompositeOptions extends OutputOptions {
  /** Where the overlay lies. Default `center`; with `left` and `top` it is not looked at. */
  readonly place?: keyof typeof places
  /** Of the overlay's upper left corner, in pixels; may be negative: what lies outside is cut off. */
  readonly left?: number
  readonly top?: number
  /** Of the overlay, in pixels; its height follows. As it is if left out. */
  readonly width?: number
  /** 0 (invisible) to 1 (default). */
  readonly opacity?: number
  /** How colours mix: `over` (default), `multiply`, `screen`, … */
  readonly blend?: Blend
}

/**
 * A picture with another laid over it: a logo, a mask, a watermark. The picture's size stays.
 *
 * @throws VALUE_INVALID, MEDIA_INVALID
 */
export async function compositeImages(bytes: Uint8Array, overlay: Uint8Array, options: CompositeOptions, signal?: AbortSignal): Promise<Uint8Array> {
  const { place = 'center', opacity = 1, width, left, top, blend = 'over' } = options
  checkRange('opacity', opacity, 0, 1)
  if (width !== undefined) checkPixels('width', width, { min: 1 })
  if ((left === undefined) !== (top === undefined)) throw new VivantError('VALUE_INVALID', 'left and top go together.')
  for (const [name, value] of Object.entries({ left, top }))
    if (value !== undefined && !Number.isSafeInteger(value)) throw new VivantError('VALUE_INVALID', `${name} must be a whole number, not ${value}.`)
  if (!Object.hasOwn(places, place)) throw new VivantError('VALUE_INVALID', `place is one of ${Object.keys(places).join(', ')}, not ${JSON.stringify(place)}.`)
  const layer = await withImage(overlay, async (picture) => rawPixels((width === undefined ? picture : picture.resize({ width })).ensureAlpha()), signal)
  return withImage(
    bytes,
    async (picture) => {
      const size = (await picture.metadata()).autoOrient
      const [x, y] = places[place]
      const at = { left: left ?? Math.round((size.width - layer.width) * x), top: top ?? Math.round((size.height - layer.height) * y) }
      const visible = visiblePart(layer, at, size)
      if (visible === null) return encodeImage(picture, bytes, options)
      const { data, width: layerWidth, height } = await rawPixels(fromRawPixels(faded(layer, opacity)).extract(visible.part))
      const input = { input: data, raw: { width: layerWidth, height, channels: 4 as const }, left: visible.left, top: visible.top, blend }
      return encodeImage(picture.composite([input]), bytes, options)
    },
    signal,
  )
}

/** sharp refuses an overlay that is larger than the picture. */
function visiblePart(layer: RawPixels, at: { readonly left: number; readonly top: number }, size: { readonly width: number; readonly height: number }) {
  const left = Math.max(0, at.left)
  const top = Math.max(0, at.top)
  const width = Math.min(size.width, at.left + layer.width) - left
  const height = Math.min(size.height, at.top + layer.height) - top
  return width > 0 && height > 0 ? { left, top, part: { left: left - at.left, top: top - at.top, width, height } } : null
}

function faded(layer: RawPixels, opacity: number): RawPixels {
  if (opacity === 1) return layer
  const data = Buffer.from(layer.data)
  for (let index = 3; index < data.length; index += 4) data[index] = Math.round(data[index]! * opacity)
  return { ...layer, data }
}
