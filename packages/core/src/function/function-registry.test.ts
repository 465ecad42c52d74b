import { expect, test } from 'vitest'
import { t } from '../column/t.ts'
import { FunctionRegistry } from './function-registry.ts'
import { udf } from './udf.ts'

const first = udf({ name: 'f', input: [], output: t.int() }, () => 1).definition
const second = udf({ name: 'f', input: [], output: t.int() }, () => 2).definition

test('a name stands for one code', () => {
  const registry = new FunctionRegistry()
  registry.register(first)
  registry.register(first)
  expect(() => registry.register(second)).toThrow(expect.objectContaining({ code: 'FUNCTION_NAME_TAKEN' }) as Error)
  expect(registry.find('f', first.hash)).toBe(first)
  expect(registry.find('f', second.hash)).toBe(undefined)
  registry.replace(second)
  expect(registry.find('f', second.hash)).toBe(second)
  expect(registry.names()).toEqual(['f'])
  expect(registry.named('f')).toBe(second)
})

test('unnamed functions are found by their hash', () => {
  const registry = new FunctionRegistry()
  const [a, b] = [udf({ input: [], output: t.int() }, () => 1).definition, udf({ input: [], output: t.int() }, () => 2).definition]
  registry.register(a)
  registry.register(b)
  expect(registry.find('', b.hash)).toBe(b)
  expect(registry.names()).toEqual([])
})
