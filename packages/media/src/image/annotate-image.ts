import type { OverlayOptions } from 'sharp'
import { VivantError } from '@vivant/core'
import { checkRange } from './filter-image.ts'
import { drawLabel } from './draw-label.ts'
import { withImage } from './open-image.ts'
import { encodeImage, type OutputOptions } from './output-format.ts'

/** A rectangle to be drawn, in pixels of the picture as it is seen. What lies outside is cut off. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  /** Stands in the upper left corner. */
  readonly label?: string
  /** `#rrggbb`; else one that goes with the label: equal labels have equal colours. */
  readonly color?: string
}

export interface AnnotateOptions extends OutputOptions {
  /** Of the lines, in pixels. Default: a 300th of the shorter side, at least 2. */
  readonly lineWidth?: number
  /** Of the labels, in pixels. Default: a 30th of the shorter side, 12 to 40. */
  readonly fontSize?: number
}

const maxBoxes = 1000

/** Told apart also by most who see colours otherwise: Okabe and Ito (2008). */
const palette = ['#e69f00', '#56b4e9', '#009e73', '#f0e442', '#0072b2', '#d55e00', '#cc79a7'] as const

/**
 * A picture with boxes and labels drawn on it, as a detector gives them.
 *
 * @throws VALUE_INVALID a box that is none, more than 1,000; MEDIA_INVALID
 */
export async function annotateImage(bytes: Uint8Array, boxes: readonly Box[], options: AnnotateOptions, signal?: AbortSignal): Promise<Uint8Array> {
  if (boxes.length > maxBoxes) throw new VivantError('VALUE_INVALID', `${boxes.length} boxes are more than the ${maxBoxes} that are drawn.`)
  boxes.forEach(checkBox)
  return withImage(
    bytes,
    async (picture) => {
      const { width, height } = (await picture.metadata()).autoOrient
      const shorter = Math.min(width, height)
      const lineWidth = options.lineWidth ?? Math.max(2, Math.round(shorter / 300))
      const fontSize = options.fontSize ?? Math.min(40, Math.max(12, Math.round(shorter / 30)))
      checkRange('lineWidth', lineWidth, 1, 1000)
      checkRange('fontSize', fontSize, 4, 1000)
      const layers: OverlayOptions[] = []
      for (const box of boxes) {
        const color = box.color ?? colorOf(box.label ?? '')
        layers.push(...frame(box, Math.round(lineWidth), color, width, height))
        if (box.label) layers.push(...(await labelOf(box, box.label, Math.round(fontSize), color, width, height)))
      }
      return encodeImage(layers.length ? picture.composite(layers) : picture, bytes, options)
    },
    signal,
  )
}

function checkBox(box: Box, index: number): void {
  const invalid = (reason: string): VivantError => new VivantError('VALUE_INVALID', `Box ${index}: ${reason}.`)
  if (typeof box !== 'object' || box === null) throw invalid('it is no object with left, top, width and height')
  for (const side of ['left', 'top', 'width', 'height'] as const)
    if (!Number.isFinite(box[side])) throw invalid(`${side} must be a finite number, not ${box[side]}`)
  if (box.width < 0 || box.height < 0) throw invalid('its width and height must not be negative')
  if (box.color !== undefined && !/^#[0-9a-f]{6}$/i.test(box.color)) throw invalid(`its color must be like #00aaff, not ${JSON.stringify(box.color)}`)
  if (box.label !== undefined && typeof box.label !== 'string') throw invalid('its label must be a text')
}

/** Four lines, as far as they lie in the picture: no layer of its size is needed. */
function frame({ left, top, width, height }: Box, line: number, color: string, imageWidth: number, imageHeight: number): readonly OverlayOptions[] {
  const [x0, y0, x1, y1] = [left, top, left + width, top + height].map(Math.round) as [number, number, number, number]
  const sides = [
    [x0, y0, x1, y0 + line],
    [x0, y1 - line, x1, y1],
    [x0, y0, x0 + line, y1],
    [x1 - line, y0, x1, y1],
  ] as const
  return sides.flatMap(([fromX, fromY, toX, toY]) => {
    const clipped = { left: Math.max(0, fromX), top: Math.max(0, fromY), right: Math.min(imageWidth, toX), bottom: Math.min(imageHeight, toY) }
    const size = { width: clipped.right - clipped.left, height: clipped.bottom - clipped.top }
    if (size.width < 1 || size.height < 1) return []
    return [{ input: { create: { ...size, channels: 3 as const, background: color } }, left: clipped.left, top: clipped.top }]
  })
}

/** Above the box where there is room, else within it; moved into the picture. */
async function labelOf(box: Box, label: string, fontSize: number, color: string, width: number, height: number): Promise<readonly OverlayOptions[]> {
  const patch = await drawLabel(label, { fontSize, color, maxWidth: width })
  if (patch.height > height) return []
  const above = Math.round(box.top) - patch.height
  const top = above >= 0 ? above : Math.max(0, Math.round(box.top))
  const left = Math.round(box.left)
  if (left >= width || left + box.width < 0 || top > height) return []
  return [{ input: patch.png, left: Math.max(0, Math.min(left, width - patch.width)), top: Math.min(top, height - patch.height) }]
}

function colorOf(label: string): string {
  let hash = 0
  for (const character of label) hash = (hash * 31 + character.codePointAt(0)!) % 1_000_003
  return palette[hash % palette.length]!
}
