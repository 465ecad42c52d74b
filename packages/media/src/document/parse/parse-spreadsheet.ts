import { type CellObject, read, SSF, type WorkBook } from '@e965/xlsx'
import { openArchive } from '../archive/open-archive.ts'
import type { DocumentContent } from '../document-content.ts'
import { DocumentProblem } from '../document-problem.ts'
import type { SpreadsheetValue } from '../spreadsheet-row.ts'
import { TextBuilder } from './text-builder.ts'

interface DateFormats {
  is_date(format: string): boolean
  parse_date_code(day: number, options: { readonly date1904: boolean }): Readonly<Record<'y' | 'm' | 'd' | 'H' | 'M' | 'S', number>> | null
}
const dates = SSF as DateFormats

export type SpreadsheetFormat = 'xlsx' | 'xls' | 'ods'

/** Excel and OpenDocument tables: a page for each sheet, its name as heading, a line for each row with tabs between the cells, as they are shown. */
export async function parseSpreadsheet(bytes: Uint8Array, format: SpreadsheetFormat): Promise<DocumentContent> {
  const book = await readBook(bytes, format)
  const builder = new TextBuilder()
  for (const name of book.SheetNames) {
    builder.page()
    builder.heading(1, name)
    builder.block([...sheetCells(book, name)].map(({ cells }) => cells.map(shown).join('\t').trimEnd()).join('\n'))
  }
  return { format, title: book.Props?.Title ?? null, author: book.Props?.Author ?? null, ...builder.finish() }
}

/** The cells of each row that is not empty, as values: numbers, texts, true and false; moments as ISO 8601 without a zone. */
export async function* spreadsheetValues(
  bytes: Uint8Array,
  format: SpreadsheetFormat,
): AsyncGenerator<{ readonly sheet: string; readonly row: number; readonly values: readonly SpreadsheetValue[] }> {
  const book = await readBook(bytes, format)
  for (const sheet of book.SheetNames)
    for (const { row, cells } of sheetCells(book, sheet)) yield { sheet, row, values: cells.map((cell) => valueOf(cell, book.Workbook?.WBProps?.date1904)) }
}

async function readBook(bytes: Uint8Array, format: SpreadsheetFormat): Promise<WorkBook> {
  if (format !== 'xls') {
    using archive = await openArchive(bytes)
    await archive.verify()
  }
  // Dense: rows are lists, and what is looped over is what there is, not what a sheet says it covers.
  const book = read(bytes, { type: 'buffer', dense: true, cellNF: true, cellHTML: false, bookVBA: false })
  if (book.SheetNames.length === 0) throw new DocumentProblem('it has no sheets')
  return book
}

function* sheetCells(book: WorkBook, name: string): Generator<{ readonly row: number; readonly cells: readonly (CellObject | undefined)[] }> {
  const rows = (book.Sheets[name] as { readonly '!data'?: readonly (readonly (CellObject | undefined)[])[] } | undefined)?.['!data'] ?? []
  for (const index of Object.keys(rows)) {
    const cells = rows[Number(index)]
    // A hole in a list of cells is read as one that is there, unlike by `map`.
    if (cells?.some((cell) => cell !== undefined && cell.t !== 'z')) yield { row: Number(index) + 1, cells: Array.from(cells) }
  }
}

function shown(cell: CellObject | undefined): string {
  if (cell === undefined || cell.t === 'z') return ''
  return (cell.w ?? String(cell.v ?? '')).replaceAll(/\s+/gu, ' ')
}

function valueOf(cell: CellObject | undefined, date1904: boolean | undefined): SpreadsheetValue {
  if (cell === undefined || cell.v === undefined || cell.t === 'z') return null
  if (cell.t === 'n' && typeof cell.v === 'number' && typeof cell.z === 'string' && dates.is_date(cell.z)) return momentOf(cell.v, date1904 ?? false)
  if (cell.t === 'e') return cell.w ?? '#ERROR'
  if (cell.v instanceof Date) return cell.v.toISOString().replace(/\.000Z$|Z$/, '')
  return cell.v
}

/** A day number of Excel: a date if it is whole, a time if it is below one day. */
function momentOf(day: number, date1904: boolean): SpreadsheetValue {
  const code = dates.parse_date_code(day, { date1904 })
  if (code === null) return day
  const { y, m, d, H, M, S } = code
  const two = (part: number): string => String(part).padStart(2, '0')
  const date = `${String(y).padStart(4, '0')}-${two(m)}-${two(d)}`
  const time = `${two(H)}:${two(M)}:${two(Math.floor(S))}`
  return Number.isInteger(day) ? date : day < 1 ? time : `${date}T${time}`
}
