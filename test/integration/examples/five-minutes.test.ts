import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const path = (name: string): string => fileURLToPath(new URL(`../../../${name}`, import.meta.url))

test("the README's five-minute example runs and finds the picture that looks like the question", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--conditions=source',
    '--disable-warning=ExperimentalWarning',
    path('examples/pictures/five-minutes.ts'),
  ])
  const hits = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
  expect(hits).toHaveLength(2)
  expect(hits[0]?.[0]).toMatch(/^sunset-\d/u)
  expect(Number(hits[0]?.[1])).toBeGreaterThan(Number(hits[1]?.[1]))
  expect(hits[0]?.[2]).toMatch(/^file:\/\//u)
})

test("the README's example is the file's", async () => {
  const [readme, program] = await Promise.all([readFile(path('README.md'), 'utf8'), readFile(path('examples/pictures/five-minutes.ts'), 'utf8')])
  const example = /## Five minutes\n\n```ts\n(?<code>.*?)```/su.exec(readme)?.groups?.['code'] ?? ''
  const lines = (text: string): string[] =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line.startsWith('.') || line.startsWith('await using') || line.startsWith('import'))
  expect(lines(example).length).toBeGreaterThan(8)
  for (const line of lines(example)) expect(lines(program)).toContain(line)
})
