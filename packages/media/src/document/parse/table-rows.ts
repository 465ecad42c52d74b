import type { DocumentFormat } from '../document-content.ts'
import { DocumentProblem } from '../document-problem.ts'
import type { SpreadsheetRow, SpreadsheetValue } from '../spreadsheet-row.ts'
import { decodeDocumentText } from './decode-document-text.ts'

interface Record {
  readonly sheet: string | null
  readonly row: number
  readonly values: readonly SpreadsheetValue[]
}

/** The rows of a spreadsheet or a CSV file. With `header` each table's first row names the values of the others. */
export async function* tableRows(bytes: Uint8Array, format: DocumentFormat, header: boolean): AsyncGenerator<SpreadsheetRow> {
  let names: readonly string[] | null = null
  let sheet: string | null | undefined
  for await (const record of recordsOf(bytes, format)) {
    if (record.sheet !== sheet) {
      sheet = record.sheet
      names = null
      if (header) {
        names = namesOf(record.values)
        continue
      }
    }
    const named = record.values.flatMap((value, index) => (value === null ? [] : [[names?.[index] ?? letters(index), value] as const]))
    yield { sheet: record.sheet, row: record.row, values: Object.fromEntries(named) }
  }
}

async function* recordsOf(bytes: Uint8Array, format: DocumentFormat): AsyncGenerator<Record> {
  if (format === 'xlsx' || format === 'xls' || format === 'ods') yield* (await import('./parse-spreadsheet.ts')).spreadsheetValues(bytes, format)
  else if (format === 'csv' || format === 'text') {
    const { csvRows } = await import('./csv-rows.ts')
    for (const [index, values] of csvRows(decodeDocumentText(bytes)).entries()) yield { sheet: null, row: index + 1, values }
  } else throw new DocumentProblem(`it has no rows: it is ${format}, not a spreadsheet or CSV`)
}

/** Of an empty name the column's letters, of one that is there already a number behind it: no value hides another. */
function namesOf(values: readonly SpreadsheetValue[]): readonly string[] {
  const taken = new Set<string>()
  return values.map((value, index) => {
    const name = String(value ?? '').trim() || letters(index)
    let unique = name
    for (let count = 2; taken.has(unique); count++) unique = `${name} ${count}`
    taken.add(unique)
    return unique
  })
}

/** A, B, …, Z, AA: as spreadsheets call their columns. */
function letters(index: number): string {
  return (index >= 26 ? letters(Math.floor(index / 26) - 1) : '') + String.fromCodePoint(65 + (index % 26))
}
