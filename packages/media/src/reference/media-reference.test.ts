import { expect, test } from 'vitest'
import { MediaReference } from '@vivant/core'
import { reference } from './media-reference.ts'

test.each(['https://example.com/a.jpg', 'file:///in/a.jpg', 's3://bucket/in/a.jpg', `vivant://${'a'.repeat(64)}.jpg`])('%s is kept as it is', (url) => {
  const kept = reference(url)
  expect(kept).toBeInstanceOf(MediaReference)
  expect(kept.url).toBe(url)
  expect(Object.isFrozen(kept)).toBe(true)
})

test.each(['./cat.jpg', '', 'http://example.com/a.jpg', 's3://bucket', 's3://bucket/a/../b', 'vivant://cat.jpg', 'data:,x'])('%j is MEDIA_INVALID', (url) => {
  expect(() => reference(url)).toThrow(expect.objectContaining({ code: 'MEDIA_INVALID' }) as Error)
})
