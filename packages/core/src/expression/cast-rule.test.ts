import { expect, test } from 'vitest'
import type { DataType } from '../value/data-type.ts'
import { type CastRule, castRule } from './cast-rule.ts'

const floats: DataType = { kind: 'array', element: { kind: 'float' } }
const vector: DataType = { kind: 'vector', dimensions: 2 }

test.each<[DataType, DataType, CastRule | undefined]>([
  [{ kind: 'int' }, { kind: 'int' }, 'same'],
  [{ kind: 'enum', values: ['a'] }, { kind: 'text' }, 'same'],
  [{ kind: 'file' }, { kind: 'image' }, 'same'],
  [floats, { kind: 'text' }, 'text'],
  [{ kind: 'json' }, { kind: 'text' }, 'text'],
  [{ kind: 'image' }, { kind: 'text' }, 'text'],
  [{ kind: 'text' }, { kind: 'json' }, 'json'],
  [{ kind: 'int' }, { kind: 'float' }, 'widen'],
  [vector, floats, 'widen'],
  [{ kind: 'timestamp' }, { kind: 'date' }, 'day'],
  [{ kind: 'float' }, { kind: 'int' }, 'narrow'],
  [floats, vector, 'narrow'],
  [{ kind: 'text' }, { kind: 'enum', values: ['a'] }, 'parse'],
  [{ kind: 'text' }, { kind: 'image' }, 'parse'],
  [{ kind: 'json' }, { kind: 'int' }, 'read'],
  [vector, { kind: 'text' }, undefined],
  [{ kind: 'binary' }, { kind: 'json' }, undefined],
  [{ kind: 'int' }, { kind: 'boolean' }, undefined],
  [{ kind: 'boolean' }, { kind: 'timestamp' }, undefined],
])('%o as %o: %s', (from, to, rule) => {
  expect(castRule(from, to)).toBe(rule)
})
