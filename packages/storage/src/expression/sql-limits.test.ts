import type { DataType, ExpressionNode, OperatorName } from '@vivant/core'
import { expect, test } from 'vitest'
import { compileToText } from './compile-to-text.ts'
import { notExpressible, notVirtual } from './sql-limits.ts'

const column = (kind: 'int' | 'float' | 'text' | 'json'): ExpressionNode => ({ node: 'column', source: 0, column: kind, type: { kind } })
const operator = (
  name: OperatorName,
  operands: readonly ExpressionNode[],
  kind: 'int' | 'float' | 'text' | 'boolean' | 'timestamp',
  options?: Readonly<Record<string, unknown>>,
): ExpressionNode => ({
  node: 'operator',
  operator: name,
  operands,
  type: { kind },
  ...(options && { options }),
})
const context = { column: (node: { readonly column: string }) => `"${node.column}"`, cell: () => 'c.status' }

test('arithmetic, comparisons and JSON are virtual', () => {
  for (const node of [
    operator('div', [column('float'), column('float')], 'float'),
    operator('gt', [column('text'), column('text')], 'boolean'),
    operator('jsonAs', [operator('jsonAt', [column('json')], 'text', { path: ['a'] })], 'float'),
  ]) {
    expect(notVirtual(node)).toBeUndefined()
  }
})

test('functions, casts that may fail and floats as text are left to JavaScript', () => {
  const call: ExpressionNode = { node: 'call', function: { name: 'word_count', hash: 'h' }, operands: [column('text')], type: { kind: 'int' } }
  expect(notExpressible(operator('abs', [call], 'float'))).toBe('word_count is a function')
  expect(notExpressible(operator('cast', [column('text')], 'int'))).toBe('a cast from text to int may fail')
  expect(notExpressible(operator('template', [column('float')], 'text', { strings: ['', ''] }))).toMatch(/float as another text/u)
  const uuid: DataType = { kind: 'uuid' }
  expect(notExpressible({ node: 'operator', operator: 'cast', operands: [column('text')], type: uuid })).toBe('a cast from text to uuid may fail')
  expect(() => compileToText(call, context)).toThrow(expect.objectContaining({ code: 'EXPRESSION_INVALID' }))
})

test('what changes by itself can be asked in SQL, but is not virtual', () => {
  const now = operator('now', [], 'timestamp')
  const status: ExpressionNode = { node: 'cell', source: 0, column: 'caption', property: 'status', type: { kind: 'text' } }
  for (const node of [now, status]) {
    expect(notExpressible(node)).toBeUndefined()
    expect(notVirtual(node)).toMatch(/changes by itself/u)
  }
})

test('arithmetic of ints and constants is plain, of floats it is guarded', () => {
  const one: ExpressionNode = { node: 'literal', value: 1, type: { kind: 'int' } }
  const sum = operator('add', [column('int'), one], 'float')
  expect(compileToText(sum, context)).toBe(`("int"::float8 + '1'::int8::float8)`)
  expect(compileToText(operator('div', [sum, column('int')], 'float'), context)).toBe(`(("int"::float8 + '1'::int8::float8) / nullif("int"::float8, 0))`)
  expect(compileToText(operator('mul', [column('float'), one], 'float'), context)).toBe(`vivant.mul("float", '1'::int8::float8)`)
  expect(compileToText(operator('mul', [operator('add', [column('float'), one], 'float'), one], 'float'), context)).toBe(
    `vivant.mul_nested(vivant.add("float", '1'::int8::float8), '1'::int8::float8)`,
  )
})
