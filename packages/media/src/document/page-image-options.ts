import { VivantError } from '@vivant/core'

/** How pages are drawn. */
export interface PageImageOptions {
  /** Of the picture, in pixels. Default: what `dpi` gives. */
  readonly width?: number
  /** Dots per inch, 10 to 1200. Default 150. */
  readonly dpi?: number
  /** Default PNG. */
  readonly format?: 'png' | 'jpeg' | 'webp'
  /** 1 to 100, of JPEG and WebP. Default 85. */
  readonly quality?: number
}

export type ParsedPageImageOptions = Required<Omit<PageImageOptions, 'width'>> & { readonly width: number | null }

const formats: ReadonlySet<unknown> = new Set(['png', 'jpeg', 'webp'])

/** The options, checked. Throws VALUE_INVALID. */
export function parsePageImageOptions({ width, dpi = 150, format = 'png', quality = 85 }: PageImageOptions): ParsedPageImageOptions {
  const invalid = (reason: string): VivantError => new VivantError('VALUE_INVALID', `page images: ${reason}`)
  if (width !== undefined && !(Number.isInteger(width) && width >= 1 && width <= 16_383)) throw invalid(`width is a whole number from 1 to 16383, not ${width}`)
  if (!(dpi >= 10 && dpi <= 1200)) throw invalid(`dpi is a number from 10 to 1200, not ${dpi}`)
  if (!formats.has(format)) throw invalid(`${JSON.stringify(format)} is not a format: png, jpeg, webp`)
  if (!(Number.isInteger(quality) && quality >= 1 && quality <= 100)) throw invalid(`quality is a whole number from 1 to 100, not ${quality}`)
  return { width: width ?? null, dpi, format, quality }
}
