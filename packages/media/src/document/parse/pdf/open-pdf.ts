import { getDocumentProxy } from 'unpdf'

export type PdfDocument = Awaited<ReturnType<typeof getDocumentProxy>>
export type PdfPage = Awaited<ReturnType<PdfDocument['getPage']>>

/** Opens a PDF for as long as `using` holds it. Nothing is fetched, nothing in it is run, and what pdf.js says on its way goes to nobody. */
export async function openPdf(bytes: Uint8Array, options: { readonly CanvasFactory?: object } = {}): Promise<{ readonly pdf: PdfDocument } & AsyncDisposable> {
  const pdf = await getDocumentProxy(new Uint8Array(bytes), { verbosity: 0, enableXfa: false, ...options })
  return { pdf, [Symbol.asyncDispose]: () => pdf.loadingTask.destroy() }
}
