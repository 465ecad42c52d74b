import type { Canvas } from '@napi-rs/canvas'
import { createIsomorphicCanvasFactory } from 'unpdf'
import { addFonts } from '../../../fonts/add-fonts.ts'
import { documentLimits } from '../../document-limits.ts'
import { DocumentProblem } from '../../document-problem.ts'
import type { ParsedPageImageOptions } from '../../page-image-options.ts'
import { openPdf } from './open-pdf.ts'

export interface PageImage {
  /** From 1. */
  readonly page: number
  readonly image: Uint8Array
}

/** Draws pages, one when it is asked for: the one of that number, or all. */
export async function* pageImages(bytes: Uint8Array, page: number | null, options: ParsedPageImageOptions): AsyncGenerator<PageImage> {
  addFonts()
  const CanvasFactory = await createIsomorphicCanvasFactory(() => import('@napi-rs/canvas'))
  await using opened = await openPdf(bytes, { CanvasFactory })
  const { pdf } = opened
  if (page !== null && page > pdf.numPages) throw new DocumentProblem(`it has no page ${page}: it has ${pdf.numPages}`)
  for (let number = page ?? 1; number <= (page ?? pdf.numPages); number++) {
    const source = await pdf.getPage(number)
    const points = source.getViewport({ scale: 1 })
    const wanted = options.width === null ? options.dpi / 72 : options.width / points.width
    const viewport = source.getViewport({ scale: Math.min(wanted, Math.sqrt(documentLimits.maxPagePixels / (points.width * points.height))) })
    const factory = new CanvasFactory()
    const target = factory.create(Math.max(1, Math.round(viewport.width)), Math.max(1, Math.round(viewport.height)))
    try {
      await source.render({ canvas: target.canvas as never, canvasContext: target.context as never, viewport }).promise
      yield { page: number, image: await encode(target.canvas as Canvas, options) }
    } finally {
      factory.destroy(target)
      source.cleanup()
    }
  }
}

function encode(canvas: Canvas, { format, quality }: ParsedPageImageOptions): Promise<Buffer> {
  return format === 'png' ? canvas.encode('png') : canvas.encode(format, quality)
}
