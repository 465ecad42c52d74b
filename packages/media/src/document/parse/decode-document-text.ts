import { documentLimits } from '../document-limits.ts'
import { DocumentProblem } from '../document-problem.ts'
import { cleanText } from './clean-text.ts'

/** A text file's characters, by its byte order mark, else UTF-8, else Windows-1252 (the older encoding that reads any bytes). */
export function decodeDocumentText(bytes: Uint8Array): string {
  // Of what is surely too long not even the decoding is begun: no encoding takes more than four bytes for a character.
  if (bytes.byteLength > 4 * documentLimits.maxTextLength) throw tooLong()
  const text = cleanText(decode(bytes))
  if (text.length > documentLimits.maxTextLength) throw tooLong()
  return text
}

function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    if (error instanceof RangeError) throw error
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

function tooLong(): DocumentProblem {
  return new DocumentProblem(`its text has more than ${documentLimits.maxTextLength} characters`)
}
