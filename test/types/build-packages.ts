import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const root = resolve(import.meta.dirname, '../..')
const compiler = join(root, 'node_modules/typescript/bin/tsc')

/** Brings the declarations of the packages up to date: what users compile against. */
export async function buildPackages(): Promise<void> {
  await runCompiler(['-b', join(root, 'packages/vivant')])
}

export interface Compiled {
  /** What the compiler prints. */
  readonly output: string
  /** What it writes, by name. */
  readonly emitted: Readonly<Record<string, string>>
}

/** Compiles TypeScript as a package would that has installed `vivant`, and nothing else. Rejects with the compiler's errors. */
export async function compileAsUser(
  files: Readonly<Record<string, string>>,
  options: Readonly<Record<string, unknown>>,
  args: readonly string[] = [],
): Promise<Compiled> {
  await using folder = await temporaryFolder()
  const config = {
    compilerOptions: {
      target: 'ES2023',
      module: 'NodeNext',
      moduleResolution: 'NodeNext',
      lib: ['ES2024', 'ESNext.Disposable', 'DOM'],
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: true,
      outDir: 'out',
      ...options,
    },
    files: Object.keys(files),
  }
  await writeFile(join(folder.path, 'package.json'), '{ "type": "module" }')
  await writeFile(join(folder.path, 'tsconfig.json'), JSON.stringify(config))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text)
  const output = await runCompiler(['-p', folder.path, ...args])
  const names = await readdir(join(folder.path, 'out')).catch(() => [])
  const emitted = await Promise.all(names.map(async (name) => [name, await readFile(join(folder.path, 'out', name), 'utf8')] as const))
  return { output, emitted: Object.fromEntries(emitted) }
}

/** What the compiler says of each line of a file, as a user's; of most nothing. */
export async function errorsByLine(source: string): Promise<ReadonlyMap<number, string>> {
  const output = await compileAsUser({ 'program.ts': source }, { noEmit: true }).then(
    (compiled) => compiled.output,
    (error: Error) => error.message,
  )
  const errors = new Map<number, string>()
  let line = 0
  for (const text of output.split('\n')) {
    const place = /program\.ts\((\d+),\d+\): error (.*)$/u.exec(text)
    if (place) line = Number(place[1])
    const message = place?.[2] ?? text
    if (line > 0 && message.trim() !== '') errors.set(line, [...(errors.has(line) ? [errors.get(line)!] : []), message].join('\n'))
  }
  return errors
}

async function runCompiler(args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(process.execPath, [compiler, ...args], { maxBuffer: 1 << 26 })).stdout
  } catch (error) {
    throw new Error(`The compiler: ${(error as { stdout?: string }).stdout ?? ''}`, { cause: error })
  }
}

async function temporaryFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'vivant-compiled-'))
  const modules = join(path, 'node_modules')
  await mkdir(modules)
  await symlink(join(root, 'packages/vivant'), join(modules, 'vivant'))
  await symlink(join(root, 'node_modules/@types'), join(modules, '@types'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
