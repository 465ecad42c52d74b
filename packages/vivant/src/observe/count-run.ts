import { type CellColumn, countCells, type CountedRange, type Database, type TableModel } from '@vivant/storage'
import { shownColumn } from '../declare/declared-column.ts'
import { type CellCounts, noCounts, type RunResult } from './run-result.ts'

export interface CountedTable {
  readonly model: TableModel
  readonly columns: readonly CellColumn[]
  readonly range: CountedRange
}

/** Counts cells of some tables. Hidden columns of media count only where a medium could not be resolved. */
export async function countRun(database: Database, tables: readonly CountedTable[], startedAt: number): Promise<RunResult> {
  const perColumn: Record<string, CellCounts> = {}
  const usage: Record<string, number> = {}
  const paused: string[] = []
  for (const { model, columns, range } of tables) {
    const counted = await countCells(database, columns, range)
    for (const column of columns) {
      const name = `${model.name}.${visibleName(column)}`
      if (column.state === 'paused') paused.push(name)
      for (const { status, memo, count } of counted.counts.filter((entry) => entry.columnId === column.id)) {
        const kind = kindOf(status, memo)
        if (!kind || (column.kind === 'media' && kind !== 'failed' && kind !== 'retrying')) continue
        const before = perColumn[name] ?? noCounts
        perColumn[name] = { ...before, [kind]: before[kind] + count }
      }
    }
    for (const [key, value] of Object.entries(counted.usage)) usage[key] = (usage[key] ?? 0) + value
  }
  return { ...addCounts(Object.values(perColumn)), perColumn, paused, durationMs: performance.now() - startedAt, usage }
}

/** A hidden column goes by the name of what the user knows: the column whose media it resolves, the view whose rows it makes. */
export function visibleName(column: CellColumn): string {
  if (column.kind === 'expansion') return shownColumn(column.name)
  return column.kind === 'media' ? column.name.replace(/\$media$/u, '') : column.name
}

function kindOf(status: string, memo: boolean): keyof CellCounts | null {
  switch (status) {
    case 'ok':
      return memo ? 'memoHits' : 'ran'
    case 'skipped':
    case 'failed':
    case 'blocked':
      return status
    case 'error':
      return 'retrying'
    default:
      return null
  }
}

function addCounts(all: readonly CellCounts[]): CellCounts {
  return all.reduce(
    (sum, counts) => ({
      ran: sum.ran + counts.ran,
      skipped: sum.skipped + counts.skipped,
      memoHits: sum.memoHits + counts.memoHits,
      failed: sum.failed + counts.failed,
      blocked: sum.blocked + counts.blocked,
      retrying: sum.retrying + counts.retrying,
    }),
    noCounts,
  )
}
