import { glob, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const packages = await Array.fromAsync(glob('{packages,services}/*/package.json', { cwd: root }))

interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  /** Optional ones: imported when first needed, or passed on to a package of ours that does. */
  readonly peerDependencies?: Readonly<Record<string, string>>
}

test.each(packages)('%s declares what its sources import, and nothing else', async (path) => {
  const manifest = JSON.parse(await readFile(join(root, path), 'utf8')) as Manifest
  const declared = Object.keys(manifest.dependencies ?? {})
  const imported = await importsOf(join(root, path, '../src'))
  // the types of a library that brings none are needed by who compiles against ours
  const types = [...imported].map((name) => `@types/${name}`)
  const isDeclared = (name: string): boolean =>
    declared.includes(name) || declared.includes(`@types/${name}`) || manifest.peerDependencies?.[name] !== undefined
  expect([...imported].filter((name) => !isDeclared(name))).toEqual([])
  expect(declared.filter((name) => !imported.has(name) && !types.includes(name))).toEqual([])
})

/** The packages that the sources of one import, tests apart. */
async function importsOf(folder: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>()
  for await (const file of glob('**/*.ts', { cwd: folder })) {
    if (/\.(test|contract)\.ts$/u.test(file) || file.startsWith('testing/')) continue
    const text = await readFile(join(folder, file), 'utf8')
    for (const [, from, loaded] of text.matchAll(
      /^(?:import|export|\}).*?\bfrom '([^']+)'|(?:\bimport|\bimport\.meta\.resolve|\(import\.meta\.url\))\(['`]([^'`]+)['`]\)/gmu,
    )) {
      const specifier = from ?? loaded!
      if (specifier.startsWith('.') || specifier.startsWith('node:')) continue
      names.add(/^(?:@[^/]+\/)?[^/]+/u.exec(specifier)![0])
    }
  }
  return names
}
