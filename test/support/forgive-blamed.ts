import { enqueue } from '@vivant/queue'
import type { ProgramColumn } from './history/program.ts'
import type { TestTable } from './test-table.ts'

/**
 * A cell that was alone with its worker at two deaths running is given up, whoever killed. A person looks at it and runs it again: so do
 * tests that kill all the time. Gives the number of such cells.
 */
export async function forgiveBlamed(table: TestTable, columns: readonly ProgramColumn[]): Promise<number> {
  let blamed = 0
  for (const { name } of columns) {
    const { id, pool } = await table.column(name)
    const ids = [...(await table.cells(name))].filter(([, cell]) => cell.info?.error?.code === 'WORKER_DIED').map(([cellId]) => cellId)
    if (!ids.length) continue
    blamed += ids.length
    await enqueue(table.database, { tableId: table.id, pool, kind: 'fresh', ids, columns: [id], forced: true })
  }
  return blamed
}
