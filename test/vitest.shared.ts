import { fileURLToPath } from 'node:url'
import type { TestProjectInlineConfiguration, ViteUserConfig } from 'vitest/config'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Packages of the workspace are tested from their source: nothing needs to be built before. */
const conditions = ['source', 'node']
const resolve = { resolve: { conditions }, ssr: { resolve: { conditions, externalConditions: conditions } } }

export const shared = {
  ...resolve,
  root,
  // Two workers: each may run an embedded engine of several hundred MB beside the server, on machines with as few as two cores.
  test: { pool: 'forks', maxWorkers: 2 },
} satisfies ViteUserConfig

export interface SuiteOptions {
  /** Its tests use `describeEngines`: a server is started for them. */
  readonly databases?: boolean
  readonly timeoutMs?: number
}

export function suite(name: string, include: readonly string[], options: SuiteOptions = {}): TestProjectInlineConfiguration {
  const databases = options.databases ?? false
  const timeoutMs = options.timeoutMs ?? (databases ? 60_000 : 10_000)
  return {
    ...resolve,
    root,
    test: {
      name,
      include: [...include],
      // For what the tests load without Vite, and the processes that they start.
      execArgv: ['--conditions=source'],
      testTimeout: timeoutMs,
      hookTimeout: Math.max(timeoutMs, 60_000),
      ...(databases ? { globalSetup: fileURLToPath(new URL('postgres/global-setup.ts', import.meta.url)) } : {}),
    },
  }
}
