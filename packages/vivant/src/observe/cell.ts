import { replaceMedia, viewOfExpansion, VivantError } from '@vivant/core'
import { type CellColumn, type CellInput, type CellRow, readCell, type TableModel } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'
import { cellColumn, checkIds } from './find-column.ts'
import { liveWorkers, noWorkerReason } from './live-workers.ts'

export type CellState = 'ok' | 'pending' | 'stale' | 'running' | 'error' | 'failed' | 'blocked' | 'skipped' | 'held' | 'override'

/**
 * Why a cell is not what it should be: it was never computed (`missing`), by older code (`code`) or from older inputs
 * (`input`), it waits for its retry (`backoff`), for something that failed (`blocked`), for a worker that has its functions
 * (`no worker`), or until its column is resumed (`paused`).
 */
export type CellReason = 'missing' | 'code' | 'input' | 'backoff' | 'blocked' | 'no worker' | 'paused'

/** One cell, with where it comes from. */
export interface CellReport {
  readonly state: CellState
  /** Null when the cell is current and final. */
  readonly reason: CellReason | null
  /** The value that readers see; media as handles. */
  readonly value: unknown
  /** What it is made from: stored columns and cells of the same row. */
  readonly inputs: Readonly<Record<string, CellInputReport>>
  /** The column's version that made it; null when there is no cell. */
  readonly version: number | null
  /** Runs with these inputs. */
  readonly attempts: number
  readonly nextAttemptAt: Date | null
  readonly computedAt: Date | null
  /** The worker that is at it, or that failed last. */
  readonly worker: string | null
  /** Mean time of a call in its batch. */
  readonly micros: number | null
  readonly usage: Readonly<Record<string, number>> | null
  readonly error: { readonly code: string; readonly message: string; readonly stack: string | null } | null
}

export interface CellInputReport {
  readonly state: 'stored' | CellState
  readonly value: unknown
}

/**
 * What is known of one cell.
 *
 * @throws TABLE_NOT_FOUND, COLUMN_NOT_FOUND; NO_RESULT when there is no such row
 * @example
 * const { state, reason, error } = await cell(runtime, 'videos', 42, 'caption')
 */
export async function cell(runtime: Runtime, table: string, id: number, name: string): Promise<CellReport> {
  checkIds([id])
  const model = await runtime.freshModel(table)
  const column = cellColumn(model, name)
  const row = await readCell(runtime.database, model, column, id)
  if (!row) throw new VivantError('NO_RESULT', `"${table}" has no row ${id}.`, { details: { table, id } })
  const state = stateOf(row)
  const error = row.info?.error
  return {
    state,
    reason: await reasonOf(runtime, column, row, state),
    value: withHandles(runtime, column.type, row.value),
    inputs: Object.fromEntries(
      row.inputs.map((input) => [inputName(model, input), { state: inputState(input), value: withHandles(runtime, typeOfInput(model, input), input.value) }]),
    ),
    version: row.version,
    attempts: row.attempts,
    nextAttemptAt: row.status === 'error' && row.info?.retryAt ? new Date(row.info.retryAt) : null,
    computedAt: row.computedAt,
    worker: row.heldBy ?? row.info?.worker ?? null,
    micros: row.micros,
    usage: (row.info as { readonly usage?: Readonly<Record<string, number>> } | null)?.usage ?? null,
    error: error ? { code: error.code, message: error.message, stack: error.stack ?? null } : null,
  }
}

function stateOf(row: CellRow): CellState {
  if (row.settled && row.status && row.status !== 'partial') return row.heldBy && row.status === 'error' ? 'running' : row.status
  if (row.heldBy) return 'running'
  return row.status === null ? 'pending' : 'stale'
}

async function reasonOf(runtime: Runtime, column: CellColumn, row: CellRow, state: CellState): Promise<CellReason | null> {
  if (state === 'ok' || state === 'skipped' || state === 'failed' || state === 'held' || state === 'override') return null
  if (state === 'blocked') return 'blocked'
  if (column.state === 'paused') return 'paused'
  if (state === 'pending' || state === 'stale') {
    const reason = noWorkerReason(await liveWorkers(runtime), column)
    if (reason) return 'no worker'
  }
  if (row.status === null) return 'missing'
  if (row.version !== column.version) return 'code'
  return row.settled && row.status === 'error' ? 'backoff' : 'input'
}

function inputState(input: CellInput): CellInputReport['state'] {
  if (input.stored) return 'stored'
  if (input.status === null) return 'pending'
  return input.current && input.status !== 'partial' ? input.status : 'stale'
}

/** A view is named by its own name, a medium by its column's. */
function inputName(model: TableModel, input: CellInput): string {
  return viewOfExpansion(input.column) ?? shownInput(model, input)
}

function shownInput(model: TableModel, input: CellInput): string {
  return model.cells.some((column) => column.kind === 'media' && column.name === input.column) ? input.column.replace(/\$media$/u, '') : input.column
}

/** The resolved reference of a medium is a medium of the column's kind. */
function typeOfInput(model: TableModel, input: CellInput): CellColumn['type'] {
  const name = shownInput(model, input)
  return [...model.stored, ...model.cells].find((column) => column.name === name)!.type
}

function withHandles(runtime: Runtime, type: CellColumn['type'], value: unknown): unknown {
  return replaceMedia(type, value, (reference, kind) => runtime.media.handle(reference as string, kind))
}
