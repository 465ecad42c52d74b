import { link, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { ingestMedia } from '../ingest/ingest-media.ts'
import { localNetwork } from '../testing/local-network.ts'
import { drawing } from '../testing/pictures.ts'
import { keysOf, temporaryStore, type TemporaryStore } from '../testing/temporary-store.ts'
import { resolveOn, resolveReference, type ResolveOptions } from './resolve-reference.ts'

const picture = await drawing(40, 30).png().toBuffer()

describe('https://', () => {
  test('a picture of a public host is fetched, checked and stored', async () => {
    await using place = await temporaryStore()
    await using local = await localNetwork((request, response) => {
      expect(request.headers).toMatchObject({ 'accept-encoding': 'identity', host: expect.stringContaining('pictures.example.com') as string })
      response.end(picture)
    })
    const resolved = await resolveOn(local.network, `${local.origin}/cat.jpg?size=1#part`, 'image', options(place))
    expect(resolved).toMatchObject({
      mimeType: 'image/png',
      width: 40,
      height: 30,
      reference: expect.stringMatching(/^vivant:\/\/[0-9a-f]{64}\.png$/) as string,
    })
    expect(await keysOf(place.store)).toEqual([resolved.reference.slice('vivant://'.length)])
  })

  test('names are looked up once, and the connection goes to what was checked: a name that changes in between does not matter', async () => {
    await using place = await temporaryStore()
    let asked = 0
    const rebinding = () => (asked++ === 0 ? ['127.0.0.1'] : ['169.254.169.254'])
    await using local = await localNetwork((_, response) => response.end(picture), { 'pictures.example.com': rebinding })
    await resolveOn(local.network, `${local.origin}/a.png`, 'image', options(place))
    expect(local.lookups).toEqual(['pictures.example.com'])
  })

  test.each([[['10.0.0.1']], [['127.0.0.1', '10.0.0.1']], [['::ffff:127.0.0.1']], [['169.254.169.254']], [['127.0.0.2']]])(
    'a public name for %j is not asked',
    async (addresses) => {
      await using place = await temporaryStore()
      let requests = 0
      await using local = await localNetwork(() => requests++, { 'evil.example.com': () => addresses })
      const failed = expect(resolveOn(local.network, `https://evil.example.com:${local.port}/`, 'image', options(place))).rejects
      await failed.toMatchObject({ code: 'MEDIA_NOT_ALLOWED', message: expect.stringContaining('is not a public address') as string })
      expect(requests).toBe(0)
    },
  )

  test('on the network of the package, a server of this machine is never reached', async () => {
    await using place = await temporaryStore()
    let requests = 0
    await using local = await localNetwork(() => requests++)
    for (const url of [`https://127.0.0.1:${local.port}/`, `https://localhost:${local.port}/`, `https://[::1]:${local.port}/`]) {
      const extra = { ...options(place), network: local.network, lookup: local.network.lookup, port: local.port } as ResolveOptions
      await expect(resolveReference(url, 'image', extra)).rejects.toMatchObject({ code: 'MEDIA_NOT_ALLOWED' })
    }
    expect(requests).toBe(0)
  })

  test('redirects are followed, relative ones too, on a new connection', async () => {
    await using place = await temporaryStore()
    await using local = await localNetwork((request, response) => {
      const next: Record<string, string> = {
        '/1': '/2',
        '/2': `https://other.example.com:${local.port}/3`,
        '/3': '//pictures.example.com:' + local.port + '/4',
      }
      const location = next[request.url ?? '']
      if (location === undefined) response.end(picture)
      else response.writeHead(302, { location }).end()
    })
    expect((await resolveOn(local.network, `${local.origin}/1`, 'image', options(place))).width).toBe(40)
    expect(local.lookups).toEqual(['pictures.example.com', 'pictures.example.com', 'other.example.com', 'pictures.example.com'])
  })

  test.each([
    'http://pictures.example.com/',
    'https://169.254.169.254/latest/meta-data/',
    'https://localhost/',
    'https://a:b@pictures.example.com/',
    'file:///etc/passwd',
    'https://pictures.example.com:22/',
    'ftp://x.example.com/',
  ])('a redirect to %s is not followed', async (location) => {
    await using place = await temporaryStore()
    await using local = await localNetwork((_, response) => response.writeHead(302, { location }).end())
    await expect(resolveOn(local.network, `${local.origin}/`, 'image', options(place))).rejects.toMatchObject({ code: 'MEDIA_NOT_ALLOWED' })
  })

  test('five redirects are followed, a sixth is not', async () => {
    await using place = await temporaryStore()
    await using local = await localNetwork((request, response) => {
      const left = Number(request.url?.slice(1))
      if (left === 0) response.end(picture)
      else response.writeHead(307, { location: `/${left - 1}` }).end()
    })
    expect((await resolveOn(local.network, `${local.origin}/5`, 'image', options(place))).width).toBe(40)
    await expect(resolveOn(local.network, `${local.origin}/6`, 'image', options(place))).rejects.toMatchObject({ code: 'MEDIA_NOT_FOUND' })
  })

  test.each([
    [404, 'MEDIA_NOT_FOUND', false],
    [410, 'MEDIA_NOT_FOUND', false],
    [401, 'MEDIA_NOT_ALLOWED', false],
    [403, 'MEDIA_NOT_ALLOWED', false],
    [408, 'MEDIA_UNREACHABLE', true],
    [429, 'MEDIA_UNREACHABLE', true],
    [500, 'MEDIA_UNREACHABLE', true],
    [503, 'MEDIA_UNREACHABLE', true],
    [304, 'MEDIA_NOT_FOUND', false],
  ])('HTTP %i is %s', async (status, code, retryable) => {
    await using place = await temporaryStore()
    await using local = await localNetwork((_, response) => response.writeHead(status).end())
    await expect(resolveOn(local.network, `${local.origin}/x`, 'image', options(place))).rejects.toMatchObject({
      code,
      retryable,
      message: expect.stringContaining(`HTTP ${status}`) as string,
    })
  })

  test('a name that is not known, a connection that is refused and one that breaks are MEDIA_UNREACHABLE', async () => {
    await using place = await temporaryStore()
    await using local = await localNetwork((_, response) => {
      response.writeHead(200, { 'content-length': '5000' }).write(picture)
      setTimeout(() => response.destroy(), 20)
    })
    for (const url of [`https://nowhere.example.com:${local.port}/`, `${local.origin}/`]) {
      await expect(resolveOn(local.network, url, 'image', options(place))).rejects.toMatchObject({ code: 'MEDIA_UNREACHABLE', retryable: true })
    }
    const closed = { ...local.network, port: 1 }
    await expect(resolveOn(closed, 'https://pictures.example.com:1/', 'image', options(place))).rejects.toMatchObject({ code: 'MEDIA_UNREACHABLE' })
  })

  test('a certificate for another name is MEDIA_UNREACHABLE', async () => {
    await using place = await temporaryStore()
    await using local = await localNetwork((_, response) => response.end(picture), { 'third.example.com': () => ['127.0.0.1'] })
    await expect(resolveOn(local.network, `https://third.example.com:${local.port}/`, 'image', options(place))).rejects.toThrow('altnames')
  })

  test('too many bytes are refused, by what the server says and by what it sends', async () => {
    await using place = await temporaryStore()
    let sent = 0
    await using local = await localNetwork((request, response) => {
      if (request.url === '/said') return response.writeHead(200, { 'content-length': '2000000' }).flushHeaders()
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(10_000))) sent += 10_000
      }
      response.on('drain', more)
      if (request.url === '/sent') more()
    })
    for (const path of ['/said', '/sent']) {
      await expect(resolveOn(local.network, local.origin + path, 'file', { ...options(place), maxBytes: 1_000_000 })).rejects.toMatchObject({
        code: 'MEDIA_TOO_LARGE',
      })
    }
    expect(sent).toBeLessThan(20_000_000)
    expect(await keysOf(place.store)).toEqual([])
  })

  test('a content encoding is undone, and a bomb in it stops at the limit', async () => {
    await using place = await temporaryStore()
    const bodies: Record<string, readonly [string, Buffer]> = {
      '/gzip': ['gzip', gzipSync(picture)],
      '/br': ['br', brotliCompressSync(picture)],
      '/bomb': ['gzip', gzipSync(Buffer.alloc(50_000_000))],
      '/odd': ['compress', picture],
    }
    await using local = await localNetwork((request, response) => {
      const [encoding, body] = bodies[request.url ?? '']!
      response.writeHead(200, { 'content-encoding': encoding }).end(body)
    })
    for (const path of ['/gzip', '/br']) expect((await resolveOn(local.network, local.origin + path, 'image', options(place))).width).toBe(40)
    const before = process.memoryUsage.rss()
    await expect(resolveOn(local.network, `${local.origin}/bomb`, 'file', { ...options(place), maxBytes: 1_000_000 })).rejects.toMatchObject({
      code: 'MEDIA_TOO_LARGE',
    })
    expect(process.memoryUsage.rss() - before).toBeLessThan(40_000_000)
    await expect(resolveOn(local.network, `${local.origin}/odd`, 'file', options(place))).rejects.toThrow('content encoding "compress"')
  })

  test('a server that is silent, or drips, is given up; an abort is ABORTED', async () => {
    await using place = await temporaryStore()
    await using local = await localNetwork((request, response) => {
      if (request.url === '/silent') return
      response.writeHead(200)
      const timer = setInterval(() => response.write('x'), 10)
      response.on('close', () => clearInterval(timer))
    })
    const silent = resolveOn(local.network, `${local.origin}/silent`, 'file', { ...options(place), idleTimeoutMs: 60 })
    await expect(silent).rejects.toMatchObject({ code: 'MEDIA_UNREACHABLE', retryable: true })
    const dripping = resolveOn(local.network, `${local.origin}/drip`, 'file', { ...options(place), timeoutMs: 100 })
    await expect(dripping).rejects.toMatchObject({ code: 'MEDIA_UNREACHABLE', message: expect.stringContaining('longer than 100 ms') as string })
    const aborted = resolveOn(local.network, `${local.origin}/drip`, 'file', { ...options(place), signal: AbortSignal.timeout(50) })
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' })
  })

  test('what it sends is checked like anything else', async () => {
    await using place = await temporaryStore()
    await using local = await localNetwork((_, response) => response.writeHead(200, { 'content-type': 'image/png' }).end('<html>not found</html>'))
    await expect(resolveOn(local.network, `${local.origin}/a.png`, 'image', options(place))).rejects.toThrow(
      '"a.png" cannot be stored as image: its content is text/html',
    )
    expect(await keysOf(place.store)).toEqual([])
  })
})

describe('file://', () => {
  test('a file under an allowed root is stored, through a root that is a link too', async () => {
    await using place = await temporaryStore()
    const root = join(place.folder, 'in box')
    await mkdir(join(root, 'deep'), { recursive: true })
    await writeFile(join(root, 'deep', 'ä #1.png'), picture)
    await symlink(root, join(place.folder, 'linked'))
    for (const folder of ['in box', 'linked']) {
      const url = pathToFileURL(join(place.folder, folder, 'deep', 'ä #1.png')).href
      for (const allowed of ['in box', 'linked']) {
        const resolved = await resolveReference(url, 'image', { ...options(place), allowedRoots: [join(place.folder, allowed)] }).catch(
          (error: unknown) => error,
        )
        // A name that is under no root as it is written is refused before anything is looked at.
        if (folder === 'linked' && allowed === 'in box') expect(resolved).toMatchObject({ code: 'MEDIA_NOT_ALLOWED' })
        else expect(resolved).toMatchObject({ width: 40 })
      }
    }
  })

  test('what lies outside, and what leads there, is refused alike, whether it exists or not', async () => {
    await using place = await temporaryStore()
    const root = join(place.folder, 'root')
    await mkdir(join(root, 'sub'), { recursive: true })
    await mkdir(join(place.folder, 'rooted'))
    await writeFile(join(place.folder, 'secret.png'), picture)
    await writeFile(join(place.folder, 'rooted', 'secret.png'), picture)
    await symlink(join(place.folder, 'secret.png'), join(root, 'link.png'))
    await symlink(place.folder, join(root, 'sub', 'up'))
    const urls = [
      'secret.png',
      'none.png',
      'rooted/secret.png',
      'root/link.png',
      'root/sub/up/secret.png',
      'root/../secret.png',
      'root/%2e%2e/secret.png',
      'root',
      'root/sub/../../secret.png',
    ].map((path) => `file://${place.folder}/${path}`)
    for (const url of [...urls, 'file:///etc/passwd', 'file:///proc/self/environ', 'file:///dev/zero', 'FILE:///etc/passwd']) {
      await expect(resolveReference(url, 'file', { ...options(place), allowedRoots: [root] })).rejects.toMatchObject({ code: 'MEDIA_NOT_ALLOWED' })
      await expect(resolveReference(url, 'file', { ...options(place), allowedRoots: [] })).rejects.toMatchObject({ code: 'MEDIA_NOT_ALLOWED' })
    }
  })

  test('a missing file, a folder, and what names no file here', async () => {
    await using place = await temporaryStore()
    await mkdir(join(place.folder, 'sub'))
    const allowed = { ...options(place), allowedRoots: [place.folder] }
    const base = pathToFileURL(place.folder).href
    await expect(resolveReference(`${base}/none.png`, 'image', allowed)).rejects.toMatchObject({ code: 'MEDIA_NOT_FOUND' })
    await expect(resolveReference(`${base}/sub`, 'image', allowed)).rejects.toMatchObject({ code: 'MEDIA_INVALID' })
    for (const url of ['file://server/share/a.png', `${base}/a%2Fb.png`, `${base}/a.png?x=1`, 'file:///a%00b']) {
      await expect(resolveReference(url, 'image', allowed)).rejects.toMatchObject({ name: 'VivantError' })
    }
  })

  test('a hard link under a root is a file of that root', async () => {
    await using place = await temporaryStore()
    const root = join(place.folder, 'root')
    await mkdir(root)
    await writeFile(join(place.folder, 'a.png'), picture)
    await link(join(place.folder, 'a.png'), join(root, 'b.png'))
    expect((await resolveReference(pathToFileURL(join(root, 'b.png')).href, 'image', { ...options(place), allowedRoots: [root] })).width).toBe(40)
  })
})

describe('vivant://', () => {
  test('what is in the store is itself; what is known is not read again', async () => {
    await using place = await temporaryStore()
    const { reference, ...metadata } = await ingestMedia(picture, 'image', options(place))
    expect(await resolveReference(reference, 'image', options(place))).toEqual({ ...metadata, reference })
    const unread = { ...place.store, has: async () => true, get: () => Promise.reject(new Error('it was read')) }
    expect(await resolveReference(reference, 'image', { ...options(place), store: unread, known: async () => metadata })).toEqual({ ...metadata, reference })
  })

  test('what is not there, is of another kind, or is no key', async () => {
    await using place = await temporaryStore()
    const { reference } = await ingestMedia(Buffer.from('hello'), 'document', options(place))
    await expect(resolveReference(reference, 'image', options(place))).rejects.toThrow('its content is text/plain')
    await expect(resolveReference(`vivant://${'a'.repeat(64)}.jpg`, 'image', options(place))).rejects.toMatchObject({ code: 'MEDIA_NOT_FOUND' })
    await expect(resolveReference('vivant://../../etc/passwd', 'image', options(place))).rejects.toMatchObject({ code: 'MEDIA_INVALID' })
  })

  test('a broken picture that was stored as a file does not become an image', async () => {
    await using place = await temporaryStore()
    const { reference, ...metadata } = await ingestMedia(picture.subarray(0, 100), 'file', options(place))
    await expect(resolveReference(reference, 'image', { ...options(place), known: async () => metadata })).rejects.toMatchObject({ code: 'MEDIA_INVALID' })
  })
})

function options({ store }: TemporaryStore): ResolveOptions {
  return { store, maxBytes: 10_000_000, allowedRoots: [] }
}
