import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MediaPutOptions } from '@vivant/core'
import { expect, test } from 'vitest'
import { readAll } from '../content/read-all.ts'
import { createFolderStore } from './folder-store.ts'
import { chunks, keys, describeMediaStore, type MediaStoreHarness } from './media-store.contract.ts'

const options: MediaPutOptions = { extension: 'txt', mimeType: 'text/plain', maxBytes: 1_000_000 }

describeMediaStore('a folder', createHarness)

test('a file lies under the first four digits of its hash', async () => {
  await using harness = await createHarness()
  const { key } = await harness.store.put(chunks(Buffer.from('hello')), options)
  expect(key).toBe('2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824.txt')
  expect((await stat(join(harness.root, '2c', 'f2', key))).size).toBe(5)
  expect(await readdir(join(harness.root, '.tmp'))).toEqual([])
})

test('what a crash left is removed when the store is opened an hour later; younger files of other writers stay', async () => {
  await using harness = await createHarness()
  const folder = join(harness.root, '.tmp')
  await mkdir(folder)
  const [old, young] = [join(folder, `${randomUUID()}.tmp`), join(folder, `${randomUUID()}.tmp`)]
  await writeFile(old, 'half a medium')
  await writeFile(young, 'being written')
  const hoursAgo = new Date(Date.now() - 2 * 3_600_000)
  await utimes(old, hoursAgo, hoursAgo)
  await harness.store.put(chunks(Buffer.from('x')), options)
  expect(await readdir(folder)).toEqual([young.slice(folder.length + 1)])
})

test('a process that is killed while it writes leaves a temporary file and no medium', async () => {
  await using harness = await createHarness()
  const store = new URL('folder-store.ts', import.meta.url).href
  const program = `
    const { createFolderStore } = await import(${JSON.stringify(store)})
    async function* slowly() { for (;;) { yield new Uint8Array(1000); console.log('wrote'); await new Promise((resolve) => setTimeout(resolve, 5)) } }
    await createFolderStore(${JSON.stringify(harness.root)}).put(slowly(), { extension: 'bin', mimeType: 'application/octet-stream', maxBytes: 1e9 })`
  const child = spawn(process.execPath, ['--conditions=source', '--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await keys(harness.store)).toEqual([])
  expect(await readdir(join(harness.root, '.tmp'))).toHaveLength(1)
})

test('a file of the wrong size under a key is replaced by the right one', async () => {
  await using harness = await createHarness()
  const { key } = await harness.store.put(chunks(Buffer.from('hello')), options)
  const path = join(harness.root, key.slice(0, 2), key.slice(2, 4), key)
  await writeFile(path, 'hel')
  await harness.store.put(chunks(Buffer.from('hello')), options)
  expect((await stat(path)).size).toBe(5)
})

test('storing a medium again makes it young for a sweep by age', async () => {
  await using harness = await createHarness()
  const { key } = await harness.store.put(chunks(Buffer.from('hello')), options)
  const path = join(harness.root, key.slice(0, 2), key.slice(2, 4), key)
  await utimes(path, new Date(0), new Date(0))
  await harness.store.put(chunks(Buffer.from('hello')), options)
  expect(Date.now() - (await stat(path)).mtimeMs).toBeLessThan(60_000)
})

test('other files in the folder are not listed', async () => {
  await using harness = await createHarness()
  const { key } = await harness.store.put(chunks(Buffer.from('hello')), options)
  await writeFile(join(harness.root, 'README'), 'x')
  await writeFile(join(harness.root, '2c', 'f2', 'notes.txt'), 'x')
  await writeFile(join(harness.root, '2c', 'f2', `${'a'.repeat(64)}.txt`), 'x')
  await symlink('/nowhere', join(harness.root, '2c', 'f2', `2cf2${'a'.repeat(60)}.txt`))
  expect(await keys(harness.store)).toEqual([key])
})

test('no file stays open: read, cancelled, refused or failed', async () => {
  await using harness = await createHarness()
  const { key } = await harness.store.put(chunks(Buffer.alloc(600_000, 1)), options)
  const before = await openFiles()
  for (let round = 0; round < 20; round++) {
    await readAll(await harness.store.get(key))
    await (await harness.store.get(key)).cancel()
    await harness.store.put(chunks(Buffer.alloc(10)), { ...options, maxBytes: 5 }).catch(() => {})
  }
  expect(await openFiles()).toBeLessThanOrEqual(before)
})

async function createHarness(): Promise<MediaStoreHarness & { readonly root: string }> {
  const root = await mkdtemp(join(tmpdir(), 'vivant-store-'))
  return { root, store: createFolderStore(root), [Symbol.asyncDispose]: () => rm(root, { recursive: true }) }
}

async function openFiles(): Promise<number> {
  return process.platform === 'linux' ? (await readdir('/proc/self/fd')).length : 0
}
