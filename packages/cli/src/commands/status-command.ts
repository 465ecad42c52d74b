import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type DatabaseStatus } from 'vivant'
import { databaseTarget, type TargetOptions } from '../database-target.ts'
import { exitCodes } from '../exit-codes.ts'
import { formatCount, formatDuration, formatTable, type TableColumn } from '../output/format-table.ts'

export interface StatusCommandOptions extends TargetOptions {
  readonly json?: boolean
  readonly schema?: string
  readonly watch?: boolean
}

/** Prints what is done, what is not, and what waits for what. */
export async function statusCommand(options: StatusCommandOptions): Promise<number> {
  await using database = await connect(databaseTarget(options), { worker: false, ...(options.schema ? { schema: options.schema } : {}) })
  for (;;) {
    const status = await database.status()
    const text = options.json ? JSON.stringify(status, null, options.watch ? undefined : 2) : describeStatus(status)
    if (options.watch && process.stdout.isTTY && !options.json) process.stdout.write('\u001B[2J\u001B[H')
    process.stdout.write(`${text}\n`)
    if (!options.watch) return exitCodes.ok
    await sleep(2000)
  }
}

const columns: readonly TableColumn[] = [
  { title: 'table' },
  { title: 'column' },
  ...['ok', 'pending', 'stale', 'error', 'failed', 'blocked', 'skipped', 'cells/s', 'left'].map((title): TableColumn => ({ title, align: 'right' })),
  { title: '' },
]

export function describeStatus(status: DatabaseStatus): string {
  const rows = status.tables.flatMap((table) => {
    const name = `${table.name} (${table.estimated ? '≈ ' : ''}${Math.round(table.rows).toLocaleString('en-US')} rows)`
    if (!table.columns.length) return [[name, '(no computed columns)', ...Array.from({ length: 10 }, () => '')]]
    return table.columns.map((column, index) => [
      index === 0 ? name : '',
      column.name,
      ...[column.ok, column.pending, column.stale, column.error, column.failed, column.blocked, column.skipped].map(formatCount),
      column.perSecond > 0 ? column.perSecond.toFixed(column.perSecond < 10 ? 1 : 0) : '·',
      column.etaMs === null ? '?' : column.etaMs === 0 ? '·' : formatDuration(column.etaMs),
      [
        ...(column.paused ? [column.paused] : []),
        ...(column.backfill ? [`backfill ${column.backfill.state}, ${Math.floor(column.backfill.fraction * 100)} %`] : []),
        ...(column.pendingCode ? ['new code waits for recompute()'] : []),
      ].join('; '),
    ])
  })
  return [
    rows.length ? formatTable(columns, rows) : 'There are no tables.',
    '',
    ...workerLines(status),
    ...status.unserved.map(
      ({ table, column, pool, poolServed, functions, otherCode }) =>
        `! ${table}.${column} waits: ${poolServed ? `no worker of the pool "${pool}" has ${functions.map(({ name }) => name).join(', ')}${otherCode.length ? ` (with other code: ${otherCode.join(', ')})` : ''}` : `no worker serves the pool "${pool}"`}`,
    ),
    ...status.declarations.map(
      ({ table, columns: names, waitsFor }) =>
        `! ${table}.${names.join(', ')} is declared, and waits for ${waitsFor.map((holder) => (holder.pid === null ? `prepared transaction ${holder.transaction}` : `process ${holder.pid} (${holder.query ?? holder.state ?? ''})`)).join('; ') || 'its second commit'}`,
    ),
  ]
    .join('\n')
    .trimEnd()
}

function workerLines({ workers }: DatabaseStatus): readonly string[] {
  if (!workers.length) return ['No worker is running: nothing is computed. Start one: vivant worker ./pipeline.ts']
  return [
    `${workers.length} ${workers.length === 1 ? 'worker' : 'workers'}:`,
    ...workers.map(
      (worker) =>
        `  ${worker.host} ${worker.pid}, pools ${worker.pools.join(', ')}, ${worker.asleep ? 'asleep' : `at work on ${worker.tasks} tasks`}, up ${formatDuration(Date.now() - worker.startedAt.getTime())}`,
    ),
  ]
}
