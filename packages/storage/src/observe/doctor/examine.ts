import { readTables } from '../../catalog/read-catalog.ts'
import type { Database } from '../../connection/database.ts'
import { checkCells } from './check-cells.ts'
import { checkTable } from './check-table.ts'
import { checkWork } from './check-work.ts'
import type { Finding } from './finding.ts'

/** Looks at everything, and mends what can be mended when `repair` says so. Tables first: their triggers and names are what the rest goes by. */
export async function examine(database: Database, repair: boolean): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const model of await readTables(database)) findings.push(...(await checkTable(database, model, repair)))
  const gone = new Set(findings.filter((finding) => finding.kind === 'drift' && !finding.repairable).map((finding) => finding.table))
  for (const model of await readTables(database)) {
    if (gone.has(model.name)) continue
    for (const column of model.cells) findings.push(...(await checkCells(database, model, column, repair)))
  }
  findings.push(...(await checkWork(database, repair)))
  if (repair && findings.length) await database.query('select vivant.wake()')
  return findings
}
