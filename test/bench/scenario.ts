import pg from 'pg'

/** One line of the table. */
export interface Measurement {
  readonly work: string
  readonly budget: string
  readonly measured: string
  readonly bare?: string
  /** Of the measured figure to the bare one, as the budget counts it. */
  readonly ratio?: number
}

export interface Scenario {
  readonly name: string
  readonly run: (serverUrl: string) => Promise<readonly Measurement[]>
}

let databases = 0

/** A fresh database on the server; dropped at the end. */
export async function freshDatabase(serverUrl: string): Promise<{ readonly url: string; readonly pool: pg.Pool } & AsyncDisposable> {
  const name = `bench_${process.pid}_${++databases}`
  const admin = new pg.Client({ connectionString: serverUrl })
  await admin.connect()
  await admin.query(`create database ${name}`)
  const url = Object.assign(new URL(serverUrl), { pathname: name }).href
  const pool = new pg.Pool({ connectionString: url, max: 10 })
  // the server may end an idle connection when the database is dropped
  pool.on('error', () => {})
  return {
    url,
    pool,
    [Symbol.asyncDispose]: async () => {
      await pool.end()
      await admin.query(`drop database ${name} with (force)`)
      await admin.end()
    },
  }
}

export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1000
}

/** The value below which a share of a list lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
}

export function thousands(value: number): string {
  return `${(value / 1000).toFixed(0)}k`
}

export function milliseconds(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`
}
