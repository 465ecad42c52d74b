import { examine, type Finding } from '@vivant/storage'
import type { Runtime } from '../runtime/runtime.ts'

export interface DoctorOptions {
  /** Mends what can be mended. */
  readonly repair?: boolean
}

export interface DoctorReport {
  /** Nothing was found, or everything that was found is mended. */
  readonly healthy: boolean
  readonly findings: readonly Finding[]
  /** Of the findings, those that were mended now. */
  readonly repaired: number
}

/**
 * Proves that nothing is lost: every cell that is not current is covered by a task or a backfill, no cell comes from the
 * future, every row's cell belongs to a row; and looks at triggers, sequences, live views, drift and dead workers. It reads every cell
 * table once.
 *
 * @example
 * const { healthy, findings } = await doctor(runtime, { repair: true })
 */
export async function doctor(
  runtime: Pick<Runtime, 'database'> & Partial<Pick<Runtime, 'forgetModels' | 'wake'>>,
  options: DoctorOptions = {},
): Promise<DoctorReport> {
  const repair = options.repair === true
  const findings = await examine(runtime.database, repair)
  if (repair && findings.length) {
    runtime.forgetModels?.()
    runtime.wake?.()
  }
  const repaired = repair ? findings.filter((finding) => finding.repairable).length : 0
  const left = findings.filter((finding) => finding.kind !== 'cancelled').length - repaired
  return { healthy: left <= 0, findings, repaired }
}
