import { leaseSeconds } from '@vivant/queue'

/** How often a worker shows that it lives, and how long others wait before they take what it held. */
export interface WorkerTiming {
  readonly leaseSeconds: number
  /** Leases are extended this often: several times within a lease. */
  readonly beatMs: number
  /** What dead workers held is freed this often. */
  readonly upkeepMs: number
}

export const defaultTiming: WorkerTiming = Object.freeze({ leaseSeconds, beatMs: 10_000, upkeepMs: 10_000 })
