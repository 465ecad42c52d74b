import { defineConfig } from 'vitest/config'
import { shared, suite } from './vitest.shared.ts'

/** The long suites: kills, histories, measurements. Apart from `npm test`, which stays under ten minutes. */
export default defineConfig({
  ...shared,
  test: { ...shared.test, maxWorkers: 1, projects: [suite('faults', ['test/faults/**/*.test.ts'], { databases: true, timeoutMs: 1_800_000 })] },
})
