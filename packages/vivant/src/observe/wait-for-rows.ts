import { nearestName, VivantError } from '@vivant/core'
import { type CellColumn, type TableModel, unsettledRows, upstream } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'
import { countRun, visibleName } from './count-run.ts'
import type { RunResult } from './run-result.ts'
import { waitUntilNone, type WaitOptions } from './wait-loop.ts'
import { WorkerWatch } from './worker-watch.ts'

export interface WaitForRowsOptions extends WaitOptions {
  /** Names of computed columns; null: all. */
  readonly columns: readonly string[] | null
}

/** Rows that one look asks for. */
const windowRows = 1000

/**
 * Waits until cells of exactly these rows are settled, retries included. Columns that are paused, or read one that is, are
 * not waited for.
 *
 * @throws TIMEOUT with the result so far and the ids in `details`; NO_WORKER; ABORTED
 */
export async function waitForRows(runtime: Runtime, given: TableModel, ids: readonly number[], options: WaitForRowsOptions): Promise<RunResult> {
  const startedAt = performance.now()
  let model = given
  let columns = waitedColumns(model, options.columns)
  let open = new Set<number>()
  const watch = WorkerWatch.ofColumns(runtime, model, () => columns.filter((column) => open.has(column.id)))
  let at = 0
  const look = async (): Promise<number> => {
    for (; at < ids.length; at += windowRows) {
      const rows = await unsettledRows(runtime.database, model, columns, ids.slice(at, at + windowRows))
      if (!rows.length) continue
      open = new Set(rows.flatMap((row) => row.columns))
      await watch.check()
      // a column may have been paused meanwhile, or replaced
      model = await runtime.model(model.name)
      columns = waitedColumns(model, options.columns)
      return rows.length + Math.max(0, ids.length - at - windowRows)
    }
    return 0
  }
  const result = (): Promise<RunResult> => {
    const needed = new Set([...columns, ...pausedColumns(model, options.columns)].flatMap((column) => upstream(model, column)))
    return countRun(runtime.database, [{ model, columns: [...needed], range: { ids } }], startedAt)
  }
  try {
    await waitUntilNone(look, options, async () => {
      return new VivantError(
        'TIMEOUT',
        `The ${ids.length} rows are stored in "${model.name}", but after ${options.timeoutMs} ms not all of their cells are there. The work goes on; the result so far is in details.result.`,
        {
          details: { table: model.name, ids, result: await result() },
        },
      )
    })
  } catch (error) {
    if (error instanceof VivantError && error.code !== 'TIMEOUT')
      throw new VivantError(error.code, `${error.message} The rows are stored.`, { cause: error, details: { ...error.details, table: model.name, ids } })
    throw error
  }
  return result()
}

/** COLUMN_NOT_FOUND for a name that is no computed column. */
export function checkWaitedColumns(model: TableModel, wait: boolean | readonly string[]): void {
  if (typeof wait === 'boolean') return
  for (const name of wait) if (!isKnown(model, name)) throw notComputed(model, name)
}

function isKnown(model: TableModel, name: string): boolean {
  return model.cells.some((column) => visibleName(column) === name) || model.virtual.some((column) => column.name === name)
}

function notComputed(model: TableModel, name: string): VivantError {
  const names = [...model.cells.filter((column) => column.kind !== 'media'), ...model.virtual].map((column) => column.name)
  const nearest = nearestName(name, names)
  return new VivantError(
    'COLUMN_NOT_FOUND',
    `"${model.name}" has no computed column "${name}" to wait for; ${nearest ? `did you mean "${nearest}"?` : `there is ${names.join(', ') || 'none'}`}`,
    {
      details: { table: model.name, column: name },
    },
  )
}

/** A virtual column stands for the cells that it reads. */
function chosenColumns(model: TableModel, names: readonly string[] | null): readonly CellColumn[] {
  if (names === null) return model.cells
  const read = model.virtual.filter((column) => names.includes(column.name)).flatMap((column) => column.cellInputs)
  return model.cells.filter((column) => names.includes(visibleName(column)) || read.includes(column.id))
}

function waitedColumns(model: TableModel, names: readonly string[] | null): readonly CellColumn[] {
  return chosenColumns(model, names).filter((column) => upstream(model, column).every((entry) => entry.state === 'active'))
}

function pausedColumns(model: TableModel, names: readonly string[] | null): readonly CellColumn[] {
  return chosenColumns(model, names).filter((column) => column.state === 'paused')
}
