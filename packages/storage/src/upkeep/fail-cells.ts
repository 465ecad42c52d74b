import type { Database } from '../connection/database.ts'
import type { CellColumn, TableModel } from '../catalog/table-model.ts'
import type { CellError } from '../cells/cell-status.ts'
import { commitCells } from '../cells/commit-cells.ts'
import { loadCells, planLoad } from '../cells/load-cells.ts'

export interface FailRequest {
  readonly owner: string
  readonly task: number
  readonly ids: readonly number[]
  readonly error: CellError
}

/** Writes `failed` for rows whose function could not even be tried again, with the token of their inputs as they are now. */
export async function failCells(database: Database, model: TableModel, column: CellColumn, request: FailRequest): Promise<void> {
  const batch = await loadCells(database, planLoad(model, column.pool), request.ids)
  const loaded = batch.cells.get(column.id)!
  const seqs = batch.ids.map((_, row) => column.cellInputs.reduce((sum, id) => sum + (batch.cells.get(id)!.seq[row] ?? 0), 0))
  await commitCells(database, {
    model,
    pool: column.pool,
    owner: request.owner,
    tasks: [request.task],
    final: false,
    returnSeqs: false,
    writes: [
      {
        column,
        ids: batch.ids,
        baseTokens: batch.ids.map((_, row) => batch.revisions.get(column.id)![row]! + seqs[row]!),
        inputMasks: batch.ids.map(() => 0),
        writtenInputs: [],
        values: batch.ids.map(() => null),
        statuses: batch.ids.map(() => 'failed'),
        attempts: batch.ids.map((_, row) => (loaded.status[row] === null ? 0 : loaded.attempts[row]! + 1)),
        loadedSeqs: batch.ids.map((_, row) => (loaded.status[row] === null ? 0 : loaded.seq[row]!)),
        putBackIfMoved: batch.ids.map(() => false),
        argumentHashes: null,
        infos: batch.ids.map(() => ({ error: request.error, worker: request.owner })),
        retryDelaysMs: null,
        micros: 0,
        fresh: false,
      },
    ],
    putBack: [],
    since: 0,
    sinces: null,
    insertTasks: [],
  })
}
