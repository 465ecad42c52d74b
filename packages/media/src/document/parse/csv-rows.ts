import { parse } from 'csv-parse/sync'
import { DocumentProblem } from '../document-problem.ts'

/** The rows of a CSV or TSV file (RFC 4180), each a list of texts. The separator is the one that the first line has most of. */
export function csvRows(text: string): readonly (readonly string[])[] {
  try {
    return parse(text, { bom: true, delimiter: separatorOf(text), relaxColumnCount: true, relaxQuotes: true, skipEmptyLines: true })
  } catch (error) {
    throw new DocumentProblem(`it is no valid CSV: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const separators = [',', '\t', ';', '|'] as const

function separatorOf(text: string): string {
  const [line = ''] = text.slice(0, 64 * 1024).split(/\r\n|\n|\r/, 1)
  const unquoted = line.replaceAll(/"(?:[^"]|"")*"/g, '')
  const counted = separators.map((separator) => ({ separator, count: unquoted.split(separator).length }))
  return counted.reduce((best, next) => (next.count > best.count ? next : best)).separator
}
