import { utimes, writeFile } from 'node:fs/promises'
import type { IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { localNetwork } from '../testing/local-network.ts'
import { keysOf, temporaryStore, type TemporaryStore } from '../testing/temporary-store.ts'
import { resolveOn, type ResolveOptions } from './resolve-reference.ts'
import type { KnownSource } from './source-validator.ts'

test.each([
  ['an ETag', { etag: '"one"' }, 'if-none-match', '"one"'],
  ['a time', { 'last-modified': 'Tue, 03 Nov 2026 10:00:00 GMT' }, 'if-modified-since', 'Tue, 03 Nov 2026 10:00:00 GMT'],
] as const)('what has not changed by %s is not sent again', async (_, headers, asked, value) => {
  await using place = await temporaryStore()
  const requests: IncomingHttpHeaders[] = []
  await using local = await localNetwork((request, response) => {
    requests.push(request.headers)
    if (request.headers[asked] === value) response.writeHead(304).end()
    else response.writeHead(200, headers).end('one')
  })
  const options = optionsOf(place)
  const first = await resolveOn(local.network, `${local.origin}/a.txt`, 'document', options)
  expect(await resolveOn(local.network, `${local.origin}/a.txt`, 'document', options)).toMatchObject({ reference: first.reference })
  expect(requests.map((sent) => sent[asked])).toEqual([undefined, value])
  // What was collected since is fetched anew.
  await place.store.delete(first.reference.slice('vivant://'.length))
  await resolveOn(local.network, `${local.origin}/a.txt`, 'document', options)
  expect(await keysOf(place.store)).toHaveLength(1)
})

test('a time of change that is younger than a minute is not believed, and other bytes are taken', async () => {
  await using place = await temporaryStore()
  let content = 'one'
  await using local = await localNetwork((request, response) => {
    expect(request.headers['if-modified-since']).toBeUndefined()
    response.writeHead(200, { 'last-modified': new Date().toUTCString() }).end(content)
  })
  const first = await resolveOn(local.network, `${local.origin}/a.txt`, 'document', optionsOf(place))
  content = 'two'
  expect((await resolveOn(local.network, `${local.origin}/a.txt`, 'document', optionsOf(place))).reference).not.toBe(first.reference)
})

test('a server that says "unchanged" without being asked is not believed', async () => {
  await using place = await temporaryStore()
  await using local = await localNetwork((_, response) => response.writeHead(304).end())
  await expect(resolveOn(local.network, `${local.origin}/a.txt`, 'document', optionsOf(place))).rejects.toMatchObject({ code: 'MEDIA_NOT_FOUND' })
})

test('a body that breaks off is not stored, and not remembered', async () => {
  await using place = await temporaryStore()
  await using local = await localNetwork((_, response) => {
    response.writeHead(200, { etag: '"one"', 'content-length': 1000 }).write('half')
    setTimeout(() => response.destroy(), 20)
  })
  const options = optionsOf(place)
  await expect(resolveOn(local.network, `${local.origin}/a.txt`, 'document', options)).rejects.toMatchObject({ code: 'MEDIA_UNREACHABLE' })
  expect([options.remembered.size, await keysOf(place.store)]).toEqual([0, []])
})

test('a file is read again when its time or size is another, and one that changes while it is read is refused', async () => {
  await using place = await temporaryStore()
  await using local = await localNetwork(() => {})
  const path = join(place.folder, 'a.txt')
  const options = { ...optionsOf(place), allowedRoots: [place.folder] }
  const resolve = async (): Promise<string> => (await resolveOn(local.network, pathToFileURL(path).href, 'document', options)).reference
  await writeFile(path, 'one')
  const first = await resolve()
  // Too young to be told apart from what may be written within the same tick.
  expect(options.remembered.size).toBe(0)
  await utimes(path, new Date(0), new Date(0))
  expect(await resolve()).toBe(first)
  expect(options.remembered.size).toBe(1)
  await writeFile(path, 'two')
  expect(await resolve()).not.toBe(first)

  await writeFile(path, Buffer.alloc(6_000_000, 'x'))
  const over = new AbortController()
  const writing = (async () => {
    for (let turn = 0; !over.signal.aborted; turn++) await writeFile(path, Buffer.alloc(6_000_000, `${turn % 10}`))
  })()
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, resolve))
  over.abort()
  await writing
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected').map((outcome) => outcome.reason as Error)
  expect(refused.length).toBeGreaterThan(0)
  for (const error of refused) expect(error).toMatchObject({ code: expect.stringMatching(/^MEDIA_/u) as string })
  expect(refused.map(String).join()).toContain('changed while it was read')
  // What was taken is whole.
  for await (const { key } of place.store.list()) {
    const content = await new Response(await place.store.get(key)).text()
    expect(new Set(content.length > 3 ? content : '').size).toBeLessThanOrEqual(1)
  }
})

function optionsOf({ store }: TemporaryStore): ResolveOptions & { readonly remembered: Map<string, KnownSource> } {
  const remembered = new Map<string, KnownSource>()
  return {
    store,
    maxBytes: 100_000_000,
    allowedRoots: [],
    remembered,
    sources: { find: async (reference) => remembered.get(reference) ?? null, remember: async (reference, source) => void remembered.set(reference, source) },
  }
}
