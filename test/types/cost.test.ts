import { beforeAll, expect, test } from 'vitest'
import { buildPackages, compileAsUser } from './build-packages.ts'

beforeAll(buildPackages, 300_000)

test('60 columns, 30 computed and 40 queries are checked in under 100,000 instantiations', { timeout: 180_000 }, async () => {
  const program = await instantiations(programOf({ columns: 60, computed: 30, queries: 40 }))
  console.log(`${program} instantiations`)
  expect(program).toBeLessThan(100_000)
})

test('a chain of 120 computed columns is no deeper than one of 30', { timeout: 180_000 }, async () => {
  expect(await instantiations(programOf({ columns: 60, computed: 120, queries: 1 }))).toBeLessThan(200_000)
})

interface Size {
  readonly columns: number
  readonly computed: number
  readonly queries: number
}

function programOf({ columns, computed, queries }: Size): string {
  const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index)
  const types = ['t.text()', 't.int().nullable()', 't.float().default(1)', 't.timestamp()', 't.boolean()', 't.json<{ a: string }>()']
  return `import { connect, t, table, udf } from 'vivant'
const f = udf({ name: 'f', input: [t.int().nullable()], output: t.int() }, (n) => n ?? 0)
const wide = table('wide', {
${numbers(columns)
  .map((index) => `  c${index}: ${types[index % types.length]},`)
  .join('\n')}
})
${numbers(computed)
  .map((index) => `  .computed('x${index}', (row) => ${index === 0 ? 'f(row.c1)' : index % 2 ? `row.x${index - 1}.add(row.c1)` : `f(row.x${index - 1})`})`)
  .join('\n')}
export async function use() {
  await using db = await connect('memory:', { define: { wide } })
  await db.wide.insert([{ ${numbers(columns)
    .filter((index) => [0, 3, 4, 5].includes(index % types.length))
    .map((index) => `c${index}: ${['"x"', '', '', 'new Date()', 'true', '{ a: "x" }'][index % types.length]}`)
    .join(', ')} }])
${numbers(queries)
  .map(
    (
      index,
    ) => `  const r${index} = await db.wide.where((row) => row.x${index % computed}.gt(${index}).and(row.c0.eq('x'))).orderBy((row) => row.c${(index * 6) % columns}).select((row) => ({ a: row.c${index % columns}, b: row.x${index % computed}.mul(2), c: { d: row.c0.upper() } })).limit(${index}).execute()
  void r${index}[0]?.c.d`,
  )
  .join('\n')}
}
`
}

async function instantiations(source: string): Promise<number> {
  const { output } = await compileAsUser({ 'program.ts': source }, { noEmit: true }, ['--extendedDiagnostics'])
  return Number(/^Instantiations:\s*(\d+)/mu.exec(output)![1])
}
