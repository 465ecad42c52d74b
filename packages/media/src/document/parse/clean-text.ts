/** A text that PostgreSQL can store: neither NUL nor half a pair of surrogates. */
export function cleanText(text: string): string {
  return text.replaceAll('\0', '\ufffd').toWellFormed()
}
