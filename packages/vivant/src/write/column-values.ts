import {
  compileEvaluator,
  containsMedia,
  decodeJson,
  describeNode,
  filled,
  isVivantError,
  type MediaKind,
  replaceMedia,
  type StoredColumnDefinition,
  validateColumnValue,
} from '@vivant/core'
import type { RowInput } from './insert-options.ts'

/** One column of the rows that are being written. */
export interface ColumnValues {
  readonly definition: StoredColumnDefinition
  readonly values: unknown[]
  /** Whether any row names the column; otherwise the database's own default stands. */
  readonly given: boolean
}

/** A medium that a value holds, to be taken in. */
export interface MediaSlot {
  readonly row: number
  readonly column: string
  readonly media: unknown
  readonly kind: MediaKind
  reference: string
}

export type Reject = (row: number, column: string | null, reason: string) => void

/**
 * Reads one column of all rows: what is left out gets the default, what is wrong is rejected. Values with media stay as
 * they were given until their media have references.
 */
export function readColumn(rows: readonly RowInput[], definition: StoredColumnDefinition, isRejected: (row: number) => boolean, reject: Reject): ColumnValues {
  const { name, nullable } = definition
  const values = filled<unknown>(rows.length, null)
  const hasDefault = definition.defaultValue !== undefined
  const fallback = hasDefault ? decodeJson(definition.type, definition.defaultValue) : null
  const holdsMedia = containsMedia(definition.type)
  const missing: number[] = []
  let given = false
  for (let row = 0; row < rows.length; row++) {
    if (isRejected(row)) continue
    const value = rows[row]![name]
    if (value === undefined) {
      values[row] = fallback
      if (definition.filled && !hasDefault) missing.push(row)
      else if (!hasDefault && !nullable) reject(row, name, 'is missing')
      continue
    }
    given = true
    if (value === null) {
      if (!nullable) reject(row, name, 'is null, and the column is not nullable')
    } else if (holdsMedia) values[row] = value
    else values[row] = validated(value, definition, row, reject)
  }
  // one statement inserts all rows: it names the column, or leaves it to the database
  if (given) for (const row of missing) reject(row, name, 'is missing, while other rows of the insert have it')
  return { definition, values, given }
}

/** The media of a column's values, each with a place for its reference. */
export function mediaSlots({ definition, values }: ColumnValues, isRejected: (row: number) => boolean): readonly MediaSlot[] {
  const slots: MediaSlot[] = []
  if (!containsMedia(definition.type)) return slots
  for (let row = 0; row < values.length; row++) {
    if (isRejected(row)) continue
    replaceMedia(definition.type, values[row], (media, kind) => {
      if (media !== null && media !== undefined) slots.push({ row, column: definition.name, media, kind, reference: '' })
      return media
    })
  }
  return slots
}

/** Puts the references in the place of the media, and validates what came out. */
export function applyReferences({ definition, values }: ColumnValues, slots: readonly MediaSlot[], isRejected: (row: number) => boolean, reject: Reject): void {
  if (!containsMedia(definition.type)) return
  let next = 0
  for (let row = 0; row < values.length; row++) {
    while (next < slots.length && slots[next]!.row < row) next++
    if (isRejected(row) || values[row] === null) continue
    const value = replaceMedia(definition.type, values[row], (media) => (media === null || media === undefined ? media : slots[next++]!.reference))
    values[row] = validated(value, definition, row, reject)
  }
}

/** The column's `check`, worked out here so that the row can be named; the database checks it again. */
export function checkColumn({ definition, values }: ColumnValues, isRejected: (row: number) => boolean, reject: Reject): void {
  const { check, name } = definition
  if (!check) return
  const refuse = (): never => {
    throw new Error('a check reads its own column alone')
  }
  const now = new Date()
  const passes = compileEvaluator(check, { column: () => (row) => values[row] ?? null, cell: refuse, call: refuse, lookup: refuse, now: () => now })
  for (let row = 0; row < values.length; row++) {
    if (isRejected(row)) continue
    if (evaluatesToFalse(passes, row)) reject(row, name, `does not pass the column's check ${describeNode(check)}`)
  }
}

/** A check that cannot be worked out here is left to the database. */
function evaluatesToFalse(passes: (row: number) => unknown, row: number): boolean {
  try {
    return passes(row) === false
  } catch {
    return false
  }
}

function validated(value: unknown, definition: StoredColumnDefinition, row: number, reject: Reject): unknown {
  try {
    return validateColumnValue(value, definition, '')
  } catch (error) {
    if (!(error instanceof Error)) throw error
    // a schema of the user's (t.json(schema)) may throw anything
    reject(row, definition.name, isVivantError(error) || error.message ? error.message : error.name)
    return null
  }
}
