import { describeValue, VivantError } from '@vivant/core'
import type { RowInput, RowsInput } from './insert-options.ts'

/** Rows per transaction of an async iterable. */
export const rowsPerTransaction = 10_000

/** All rows, when they are there already; null for a source that gives them one after the other. */
export function rowsAtHand(rows: RowsInput): readonly RowInput[] | null {
  if (Array.isArray(rows)) return rows as readonly RowInput[]
  if (typeof rows !== 'object' || rows === null || ArrayBuffer.isView(rows))
    throw new VivantError('ROW_INVALID', `insert takes an array of rows, an iterable or an async iterable, not ${describeValue(rows)}.`)
  if (Symbol.asyncIterator in rows) return null
  if (Symbol.iterator in rows) return [...(rows as Iterable<RowInput>)]
  return [rows]
}

/** The rows of a source in pieces of one transaction each. */
export async function* rowPieces(rows: RowsInput): AsyncGenerator<readonly RowInput[]> {
  let piece: RowInput[] = []
  for await (const row of rows as AsyncIterable<RowInput>) {
    piece.push(row)
    if (piece.length === rowsPerTransaction) {
      yield piece
      piece = []
    }
  }
  if (piece.length) yield piece
}
