import { VivantError } from '@vivant/core'
import type { RowBatch } from '@vivant/storage'

const maxRowsPerStatement = 10_000
/** Of what a statement carries, as text. */
const maxBytesPerStatement = 16 * 1024 ** 2
const maxRowBytes = 256 * 1024 ** 2

export interface Range {
  readonly from: number
  readonly to: number
}

/**
 * Cuts a batch into statements of bounded rows and bytes.
 *
 * @throws TOO_LARGE for a row that no statement should carry
 */
export function batchRanges(batch: RowBatch, table: string, indexOf: (row: number) => number): readonly Range[] {
  const bytes = rowBytes(batch)
  const ranges: Range[] = []
  let from = 0
  let size = 0
  for (let row = 0; row < batch.rowCount; row++) {
    const own = bytes[row]!
    if (own > maxRowBytes)
      throw new VivantError(
        'TOO_LARGE',
        `Row ${indexOf(row)} for "${table}" has about ${Math.round(own / 1024 ** 2)} MB; a row may have ${maxRowBytes / 1024 ** 2}. Keep large content as media. Nothing was stored.`,
        {
          details: { table, index: indexOf(row), sizeBytes: own },
        },
      )
    if (row > from && (row - from >= maxRowsPerStatement || size + own > maxBytesPerStatement)) {
      ranges.push({ from, to: row })
      from = row
      size = 0
    }
    size += own
  }
  if (batch.rowCount > from) ranges.push({ from, to: batch.rowCount })
  return ranges
}

function rowBytes(batch: RowBatch): Float64Array {
  const bytes = new Float64Array(batch.rowCount)
  for (const { values } of batch.columns) for (let row = 0; row < bytes.length; row++) bytes[row]! += textBytes(values[row])
  return bytes
}

/** About how long a value is as text in a parameter. */
function textBytes(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return value.length + 3
    case 'object':
      return value === null ? 5 : structureBytes(value)
    default:
      return 12
  }
}

function structureBytes(value: object): number {
  if (value instanceof Uint8Array) return value.byteLength * 2 + 6
  if (value instanceof Float32Array) return value.length * 12
  if (value instanceof Date) return 27
  let bytes = 2
  if (Array.isArray(value)) for (const item of value) bytes += textBytes(item)
  else for (const [key, item] of Object.entries(value)) bytes += key.length + 6 + textBytes(item)
  return bytes
}
