import { join } from 'node:path'
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
  /** A process for each file. Without, files share one after the other what takes longest: loading the sources, an embedded engine's empty files. */
  readonly isolate?: boolean
  readonly timeoutMs?: number
  readonly env?: Readonly<Record<string, string>>
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
      isolate: options.isolate ?? false,
      // For what the tests load without Vite, and the processes that they start.
      execArgv: ['--conditions=source'],
      // A process that a test starts would strip the types from hundreds of sources again: half of what a short command takes.
      env: { NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compiled'), ...options.env },
      testTimeout: timeoutMs,
      hookTimeout: Math.max(timeoutMs, 60_000),
      ...(databases ? { globalSetup: fileURLToPath(new URL('postgres/global-setup.ts', import.meta.url)) } : {}),
    },
  }
}
