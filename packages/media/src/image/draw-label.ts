export interface LabelOptions {
  readonly fontSize: number
  /** Of the ground: `#rrggbb`. The letters are black or white, whichever is read better on it. */
  readonly color: string
  /** A longer label ends with an ellipsis. */
  readonly maxWidth: number
}

/** A label as a small picture of its own, in a font that is the same everywhere. */
export async function drawLabel(
  label: string,
  { fontSize, color, maxWidth }: LabelOptions,
): Promise<{ readonly png: Buffer; readonly width: number; readonly height: number }> {
  const [{ createCanvas }, { addFonts }] = await Promise.all([import('@napi-rs/canvas'), import('../fonts/add-fonts.ts')])
  addFonts()
  const font = `bold ${fontSize}px Arial`
  const padding = Math.ceil(fontSize / 4)
  const measure = createCanvas(1, 1).getContext('2d')
  measure.font = font
  const text = shortened(label.replaceAll(/\s+/gu, ' ').trim(), (part) => measure.measureText(part).width <= maxWidth - 2 * padding)
  const width = Math.min(maxWidth, Math.max(1, Math.ceil(measure.measureText(text).width) + 2 * padding))
  const height = Math.ceil(fontSize * 1.2) + padding
  const canvas = createCanvas(width, height)
  const context = canvas.getContext('2d')
  context.fillStyle = color
  context.fillRect(0, 0, width, height)
  context.font = font
  context.textBaseline = 'middle'
  context.fillStyle = isLight(color) ? '#000000' : '#ffffff'
  context.fillText(text, padding, height / 2)
  return { png: await canvas.encode('png'), width, height }
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

function shortened(text: string, fits: (part: string) => boolean): string {
  // What is longer than any picture is wide is cut before it is measured.
  const start = text.slice(0, 500).toWellFormed()
  if (start.length === text.length && fits(start)) return start
  const characters = Array.from(graphemes.segment(start), ({ segment }) => segment)
  while (characters.length > 0 && !fits(`${characters.join('')}…`)) characters.pop()
  return `${characters.join('')}…`
}

function isLight(color: string): boolean {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16)) as [number, number, number]
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140
}
