import { expect, test } from 'vitest'
import { allowedUrl } from './allowed-url.ts'
import { publicNetwork } from './network.ts'
import { resolveReference } from './resolve-reference.ts'
import { temporaryStore } from '../testing/temporary-store.ts'

const forbidden = [
  'http://example.com/a.jpg',
  'ftp://example.com/a.jpg',
  'gopher://example.com/',
  'data:image/png;base64,AAAA',
  'javascript:alert(1)',
  's3://bucket/key.jpg',
  'HTTP://EXAMPLE.COM/',
  '/etc/passwd',
  './cat.jpg',
  'https://user:secret@example.com/a.jpg',
  'https://user@example.com/a.jpg',
  'https://example.com:80/',
  'https://example.com:8443/a.jpg',
  'https://example.com:22/',
  'https://localhost/',
  'https://LOCALHOST/',
  'https://localhost./',
  'https://db/',
  'https://metadata.google.internal/computeMetadata/v1/',
  'https://printer.local/',
  'https://router.lan/',
  'https://x.localhost/',
  'https://10.0.0.1/',
  'https://127.0.0.1/',
  'https://127.1/',
  'https://2130706433/',
  'https://0x7f000001/',
  'https://0177.0.0.1/',
  'https://0/',
  'https://[::1]/',
  'https://[::]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[::ffff:169.254.169.254]/',
  'https://[fe80::1]/',
  'https://[fd00:ec2::254]/',
  'https://[64:ff9b::a9fe:a9fe]/',
  'https://[2002:7f00:1::]/',
  'https://169.254.169.254/latest/meta-data/',
  'https://100.100.100.200/latest/meta-data/',
  'https://168.63.129.16/machine',
  'https://192.168.1.1/',
  'https://①②⑦.⓪.⓪.①/',
  'https://127。0。0。1/',
  'https://10.0.0.1.:443/',
]

test.each(forbidden)('%s is not followed', async (url) => {
  await using place = await temporaryStore()
  const options = { store: place.store, maxBytes: 1000, allowedRoots: [] }
  await expect(resolveReference(url, 'file', options)).rejects.toMatchObject({ code: 'MEDIA_NOT_ALLOWED', retryable: false })
})

test('the message says why and what to do, and does not repeat a password', () => {
  expect(() => allowedUrl('https://user:secret@example.com/a.jpg', publicNetwork)).toThrow(
    'https://example.com/a.jpg came by SQL and is not fetched: it carries a user name or password. Only public https:// hosts are. Insert it through the API, which reads it with your own rights.',
  )
})

test.each(['https://example.com/a.jpg', 'https://example.com:443/a', 'https://8.8.8.8/', 'https://bücher.example.com/ü', 'https://[2606:4700:4700::1111]/'])(
  '%s is allowed',
  (url) => {
    expect(allowedUrl(url, publicNetwork).protocol).toBe('https:')
  },
)

test('the network of the package cannot be changed', () => {
  expect(Object.isFrozen(publicNetwork)).toBe(true)
  expect(publicNetwork).toMatchObject({ port: 443 })
  expect(publicNetwork).not.toHaveProperty('certificateAuthority')
})
