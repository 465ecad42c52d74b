import { defineConfig } from 'vitest/config'
import { shared, suite } from './vitest.shared.ts'

export default defineConfig({
  ...shared,
  test: {
    ...shared.test,
    projects: [
      suite('unit', ['packages/*/src/**/*.test.ts', 'services/*/src/**/*.test.ts']),
      suite('types', ['test/types/**/*.test.ts']),
      suite('contract', ['test/contract/**/*.test.ts'], { databases: true }),
      suite('integration', ['test/integration/**/*.test.ts'], { databases: true }),
    ],
  },
})
