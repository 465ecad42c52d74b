import { connect } from 'vivant'
import { databaseTarget, type TargetOptions } from '../database-target.ts'
import { exitCodes } from '../exit-codes.ts'

export interface DoctorCommandOptions extends TargetOptions {
  readonly json?: boolean
  readonly repair?: boolean
}

/** Prints what is not as it should be; fails when something is left. */
export async function doctorCommand(options: DoctorCommandOptions): Promise<number> {
  await using database = await connect(databaseTarget(options), { worker: false })
  const repair = options.repair === true
  const report = await database.doctor({ repair })
  if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
  else if (!report.findings.length) process.stdout.write('Nothing is amiss: every cell is current or covered by work, and the capture is whole.\n')
  else {
    const lines = report.findings.map(
      (finding) =>
        `${finding.repairable ? (repair ? '✓ mended' : '✗') : '!'} ${finding.kind}: ${finding.message}${finding.ids.length ? ` Rows ${finding.ids.slice(0, 10).join(', ')}${finding.count > 10 ? ', …' : ''}.` : ''}`,
    )
    const mendable = report.findings.filter((finding) => finding.repairable).length
    if (!repair && mendable) lines.push('', `${mendable} of these can be mended: vivant doctor --repair`)
    process.stdout.write(`${lines.join('\n')}\n`)
  }
  return report.healthy ? exitCodes.ok : exitCodes.failed
}
