import { connect, type MediaAmount, VivantError } from 'vivant'
import { databaseTarget, type TargetOptions } from '../database-target.ts'
import { exitCodes } from '../exit-codes.ts'
import { mediaStore, type MediaStoreOption } from '../media-store.ts'
import { formatBytes } from '../output/format-table.ts'

export interface MediaGcCommandOptions extends TargetOptions, MediaStoreOption {
  readonly grace?: string
  readonly offline?: boolean
  readonly dryRun?: boolean
  readonly json?: boolean
}

/** Collects garbage, and prints what came of it. */
export async function mediaGcCommand(options: MediaGcCommandOptions): Promise<number> {
  const { grace, offline = false, dryRun = false } = options
  const graceMs = grace === undefined ? undefined : parseGrace(grace)
  await using database = await connect(databaseTarget(options), { worker: false, media: mediaStore(options) })
  const report = await database.collectGarbage({ dryRun, offline, ...(graceMs === undefined ? {} : { graceMs }) })
  if (options.json) process.stdout.write(`${JSON.stringify({ dryRun, ...report }, null, 2)}\n`)
  else {
    const will = dryRun ? 'would be ' : ''
    const lines = [
      `${amount(report.collected)} ${will}deleted: nothing has referred to them for the grace period.`,
      `${amount(report.unknown)} ${will}deleted: no row is known of them (their writers did not finish).`,
      `${amount(report.condemned)} ${will}condemned: nothing refers to them; a run after the grace period deletes them.`,
    ]
    process.stdout.write(`${lines.join('\n')}\n`)
  }
  return exitCodes.ok
}

function amount({ count, bytes }: MediaAmount): string {
  return `${count} ${count === 1 ? 'medium' : 'media'} (${formatBytes(bytes)})`
}

const units: Readonly<Record<string, number>> = { min: 60_000, h: 3_600_000, d: 86_400_000 }

function parseGrace(given: string): number {
  const { count, unit } = /^(?<count>\d+(?:\.\d+)?)(?<unit>min|h|d)$/u.exec(given.trim())?.groups ?? {}
  if (count !== undefined && unit !== undefined) return Math.round(Number(count) * units[unit]!)
  throw new VivantError('CONFIGURATION_INVALID', `--grace takes a time such as 90min, 24h or 7d, not ${JSON.stringify(given)}.`)
}
