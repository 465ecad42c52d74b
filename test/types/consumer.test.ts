import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { buildPackages, compileAsUser } from './build-packages.ts'

beforeAll(buildPackages, 300_000)

test('a package that exports definitions, handles and functions has declarations that name nothing but vivant', { timeout: 180_000 }, async () => {
  const source = (name: string): Promise<string> => readFile(join(import.meta.dirname, 'consumer', name), 'utf8')
  const files = { 'pipeline.ts': await source('pipeline.ts'), 'application.ts': await source('application.ts') }
  // an inferred type that the entry does not re-export is an error here: TS2742, TS2883
  const { emitted } = await compileAsUser(files, { declaration: true })
  for (const name of ['pipeline.d.ts', 'application.d.ts']) {
    // who exports queries of Kysely's has it installed
    const imported = [...emitted[name]!.matchAll(/(?:from|import\() ?["']([^"']+)["']/gu)].map(([, specifier]) => specifier)
    expect(new Set(imported).difference(new Set(['vivant', 'kysely', './pipeline.js']))).toEqual(new Set())
  }
  expect(emitted['pipeline.d.ts']!.split('\n').length).toBeLessThan(150)
})
