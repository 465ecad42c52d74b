import { defineConfig } from 'vitest/config'
import { shared, suite } from './vitest.shared.ts'

/** The long suites: kills, histories, measurements, and generated tests with many runs. Apart from `npm test`, which stays under ten minutes. */
export default defineConfig({
  ...shared,
  test: {
    ...shared.test,
    maxWorkers: 1,
    projects: [
      suite('faults', ['test/faults/**/*.test.ts', 'test/integration/expression-equality.test.ts'], {
        databases: true,
        isolate: true,
        timeoutMs: 1_800_000,
        env: { VIVANT_TEST_RUNS: process.env['VIVANT_TEST_RUNS'] ?? '400' },
      }),
    ],
  },
})
