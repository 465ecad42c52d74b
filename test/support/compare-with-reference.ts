import { findUncovered, findUnsettled } from './check-coverage.ts'
import { type ProgramColumn, referenceCells } from './history/program.ts'
import type { TestTable } from './test-table.ts'

/** What is wrong with a table at rest: with its coverage, its currency, and each cell compared with the reference. */
export async function compareWithReference(table: TestTable, columns: readonly ProgramColumn[]): Promise<readonly string[]> {
  const problems: string[] = []
  for (const finding of await findUncovered(table.database, table.id)) problems.push(`not covered: ${JSON.stringify(finding)}`)
  for (const finding of await findUnsettled(table.database, table.id)) if (finding.problem !== 'orphan') problems.push(`at rest: ${JSON.stringify(finding)}`)
  const { rows } = await table.database.query<Record<string, number | null> & { _id: number }>(`select * from "${table.name}" order by _id`)
  const cells = await table.allCells()
  for (const row of rows)
    for (const [name, expected] of referenceCells(columns, row)) {
      const cell = cells.get(name)!.get(row._id)
      if (cell?.status !== expected.status || (cell.value ?? null) !== expected.value)
        problems.push(`${name} of row ${row._id} ${JSON.stringify(row)} is ${JSON.stringify(cell ?? null)}, the reference ${JSON.stringify(expected)}`)
    }
  return problems
}
