import { connect } from 'vivant'
import { databaseTarget, type TargetOptions } from '../database-target.ts'
import { exitCodes } from '../exit-codes.ts'
import { formatBytes, formatCount, formatTable } from '../output/format-table.ts'

export interface MediaStatsCommandOptions extends TargetOptions {
  readonly json?: boolean
}

/** Prints what is known of the media. */
export async function mediaStatsCommand(options: MediaStatsCommandOptions): Promise<number> {
  await using database = await connect(databaseTarget(options), { worker: false })
  const statistics = await database.mediaStatistics()
  if (options.json) {
    process.stdout.write(`${JSON.stringify(statistics, null, 2)}\n`)
    return exitCodes.ok
  }
  if (statistics.count === 0) {
    process.stdout.write('There are no media.\n')
    return exitCodes.ok
  }
  const { types, condemned, ...all } = statistics
  const rows = [...types.map(({ mimeType, ...amount }) => [mimeType, amount] as const), ['all', all] as const]
  const table = formatTable(
    [{ title: 'type' }, { title: 'media', align: 'right' }, { title: 'bytes', align: 'right' }],
    rows.map(([name, { count, bytes }]) => [name, formatCount(count), formatBytes(bytes)]),
  )
  const waiting = condemned.count > 0 ? `\n\nNothing refers to ${formatCount(condemned.count)} of them (${formatBytes(condemned.bytes)}): vivant media gc` : ''
  process.stdout.write(`${table}${waiting}\n`)
  return exitCodes.ok
}
