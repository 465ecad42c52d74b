import { expect, test } from 'vitest'
import type { DataType } from './data-type.ts'
import { containsMedia, replaceMedia } from './replace-media.ts'

const text: DataType = { kind: 'text' }
const pages: DataType = {
  kind: 'record',
  fields: {
    title: { type: text, nullable: false },
    cover: { type: { kind: 'image' }, nullable: true },
    pages: { type: { kind: 'array', element: { kind: 'image' } }, nullable: false },
  },
}

test('media are replaced at any depth, with their kind', () => {
  const seen: unknown[] = []
  const replaced = replaceMedia(pages, { title: 'a', cover: null, pages: ['x', 'y'], other: 'z' }, (media, kind) => {
    seen.push([media, kind])
    return `vivant://${String(media)}`
  })
  expect(replaced).toEqual({ title: 'a', cover: null, pages: ['vivant://x', 'vivant://y'], other: 'z' })
  expect(seen).toEqual([
    ['x', 'image'],
    ['y', 'image'],
  ])
})

test('a value of a type without media is the same object', () => {
  const value = ['a']
  expect(containsMedia({ kind: 'array', element: text })).toBe(false)
  expect(replaceMedia({ kind: 'array', element: text }, value, () => 'b')).toBe(value)
})

test('what is shaped otherwise is left for validation', () => {
  expect(replaceMedia(pages, 'no record', () => 'b')).toBe('no record')
})
