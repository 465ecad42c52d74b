import { readFile, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lockFolder } from '../postgres/lock-folder.ts'

/** A guard was off, and this is what was seen. */
export interface Mutation {
  readonly rule: string
  readonly guard: string
  readonly trace: string
  readonly violation: string
  readonly engine: string
}

const file = fileURLToPath(new URL('../mutations.md', import.meta.url))
const head = `# What each guard of the commit protocol is for

Written by the tests in \`integration/protocol\`: each runs its trace with the guard, where it must hold, and without it, where this was seen.

| rule | guard | trace | seen with the guard off | engines |
|---|---|---|---|---|
`

/** Puts a row into test/mutations.md. Test files run beside each other: one writes at a time. */
export async function recordMutation(mutation: Mutation): Promise<void> {
  await using _lock = await lockFolder(join(tmpdir(), 'vivant-mutations.lock'))
  const rows = new Map((await readRows()).map((row) => [`${row.rule} ${row.guard}`, row]))
  const key = `${mutation.rule} ${mutation.guard}`
  const engines = new Set([...(rows.get(key)?.engine.split(', ') ?? []), mutation.engine])
  rows.set(key, { ...mutation, engine: [...engines].toSorted().join(', ') })
  const lines = [...rows.values()]
    .toSorted((left, right) => Number.parseInt(left.rule) - Number.parseInt(right.rule) || (left.guard < right.guard ? -1 : 1))
    .map((row) => `| ${row.rule} | \`${row.guard}\` | ${row.trace} | ${row.violation} | ${row.engine} |\n`)
  await writeFile(`${file}.new`, head + lines.join(''))
  await rename(`${file}.new`, file)
}

async function readRows(): Promise<readonly Mutation[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter((line) => /^\| \d/u.test(line))
    .map((line) => {
      const [rule, guard, trace, violation, engine] = line.slice(2, -2).split(' | ')
      return { rule: rule!, guard: guard!.replaceAll('`', ''), trace: trace!, violation: violation!, engine: engine! }
    })
}
