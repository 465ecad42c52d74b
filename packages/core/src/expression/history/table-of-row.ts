/** What a row of a computed column's callback knows of its table. */
export interface RowTable {
  /** Whether a column, by the name that expressions have for it, may be null once its row is complete. */
  readonly isNullable: (column: string) => boolean
}

const tables = new WeakMap<object, RowTable>()

/** Notes the table of a row that a computed column's callback is given. */
export function noteTableOfRow(row: object, table: RowTable): void {
  tables.set(row, table)
}

/** Undefined for the rows of queries. */
export function tableOfRow(row: object): RowTable | undefined {
  return tables.get(row)
}
