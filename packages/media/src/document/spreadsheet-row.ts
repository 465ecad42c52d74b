/** What a cell of a table holds. Dates and times are ISO 8601 without a zone, as tables have none. */
export type SpreadsheetValue = string | number | boolean | null

/** A row of a table that is not empty. */
export interface SpreadsheetRow {
  /** Null in CSV. */
  readonly sheet: string | null
  /** From 1, as a spreadsheet counts; in CSV records that are not empty. */
  readonly row: number
  /** By the names in the table's first row, or by column letters without such. */
  readonly values: Readonly<Record<string, SpreadsheetValue>>
}
