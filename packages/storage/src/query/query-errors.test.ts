import { expect, test } from 'vitest'
import { translateError } from './translate-error.ts'
import { translateQueryError } from './translate-query-error.ts'

const table = { name: 'posts', stored: [{ name: 'title' }, { name: 'ti' }, { name: 'year' }] }

function postgresError(code: string, fields: object = {}): Error {
  return Object.assign(new Error('what PostgreSQL said'), { code, ...fields })
}

test('a key over several columns names them all', () => {
  const error = translateError(
    postgresError('23505', { detail: 'Key (slug, "two words")=(a, b (c)) already exists.', table: 'posts', constraint: 'posts_slug_key' }),
  )
  expect(error).toMatchObject({
    code: 'CONSTRAINT_VIOLATED',
    message: `'posts': 'slug', 'two words' must be unique, and (a, b (c)) is there already.`,
    details: { table: 'posts', column: 'slug', columns: ['slug', 'two words'], constraint: 'posts_slug_key', sqlState: '23505' },
  })
})

test('a key over an expression is told as it is', () => {
  const error = translateError(postgresError('23505', { detail: 'Key (lower(slug))=(a) already exists.', table: 'posts', constraint: 'i' }))
  expect(error).toMatchObject({ code: 'CONSTRAINT_VIOLATED', details: { columns: ['lower(slug)'] } })
})

test('a check is of the column that it was named after', () => {
  const of = (constraint: string): unknown =>
    (translateError(postgresError('23514', { constraint, table: 'posts' }), table) as { details: { column?: string } }).details.column
  expect(of('posts_title_check')).toBe('title')
  expect(of('posts_title_check12')).toBe('title')
  expect(of('posts_ti_check')).toBe('ti')
  expect(of('my_rule')).toBeUndefined()
})

test('a missing detail, as under row-level security, leaves a plain sentence', () => {
  expect(translateError(postgresError('23505', { constraint: 'k' }), table)).toMatchObject({
    message: `'posts': a value must be unique, and this value is there already.`,
  })
})

test('values that a type cannot hold are VALUE_INVALID; what is no error of PostgreSQL stays', () => {
  expect(translateError(postgresError('22P02'), table)).toMatchObject({ code: 'VALUE_INVALID' })
  expect(translateError(postgresError('22001'), table)).toMatchObject({ code: 'VALUE_INVALID' })
  const other = new Error('x')
  expect(translateError(other, table)).toBe(other)
  const unknown = postgresError('XX000')
  expect(translateError(unknown, table)).toBe(unknown)
  expect(translateError(Object.assign(new Error('x'), { code: 'ECONNRESET' }), table)).toMatchObject({ code: 'ECONNRESET' })
})

test('of a query every error of PostgreSQL is one of ours', () => {
  expect(translateQueryError(postgresError('XX000'), table)).toMatchObject({ code: 'DATABASE_ERROR', details: { sqlState: 'XX000', table: 'posts' } })
  expect(translateQueryError(postgresError('42P01'), table)).toMatchObject({ code: 'TABLE_NOT_FOUND' })
  expect(translateQueryError(postgresError('57P01'), table)).toMatchObject({ code: 'DATABASE_UNREACHABLE', retryable: true })
  expect(translateQueryError(postgresError('23505'), table)).toMatchObject({ code: 'CONSTRAINT_VIOLATED' })
})
