import { type Column, type DocumentType, iterator, type IteratorFunction, type JsonType, type NumberType, t, type TextType } from '@vivant/core'
import { maxProcesses } from './process/process-pool.ts'
import { readDocument } from './read-document.ts'
import type { SpreadsheetRow, SpreadsheetValue } from './spreadsheet-row.ts'

export interface RowsOptions {
  /** Whether the first row of each sheet holds the names of its columns. Default true; otherwise they are called A, B, … */
  readonly header?: boolean
}

export type RowsIterator = IteratorFunction<
  readonly [Column<DocumentType>, Column<JsonType<RowsOptions>, 'default'>],
  {
    readonly sheet: Column<TextType, 'nullable'>
    readonly row: Column<NumberType>
    readonly values: Column<JsonType<Readonly<Record<string, SpreadsheetValue>>>>
  },
  AsyncGenerator<SpreadsheetRow, void, undefined>
>

/**
 * The rows of spreadsheets (XLSX, XLS, ODS) and of CSV or TSV files: `values` by the names in the first row. In a spreadsheet numbers are numbers,
 * dates ISO 8601, and formulas what they came to; in CSV all values are texts. Empty cells are left out.
 *
 * @example db.createView('orders', { of: files, iterate: (file) => rows(file.document) }) // order.values.at('price')
 */
export const rows: RowsIterator = iterator(
  {
    name: 'document.rows',
    version: '1',
    input: [t.document(), t.json<RowsOptions>().default({})],
    output: { sheet: t.text().nullable(), row: t.int(), values: t.json<Readonly<Record<string, SpreadsheetValue>>>() },
    concurrency: maxProcesses,
  },
  (document, { header = true }, { signal }) => readDocument(document, { task: 'rows', header }, signal),
)
