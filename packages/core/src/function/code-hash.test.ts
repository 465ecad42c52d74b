import { runInThisContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codeHash } from './code-hash.ts'

type Code = (...args: never[]) => unknown

function hashOf(code: Code, version?: string): string {
  return codeHash({
    name: 'f',
    code,
    inputs: [{ type: { kind: 'text' }, nullable: false }],
    output: { type: { kind: 'int' }, nullable: false },
    version,
  })
}

function sourceHash(source: string): string {
  return hashOf(runInThisContext(`(${source})`) as Code)
}

describe('two functions have one hash when they differ only in', () => {
  test.each([
    ['white space', '(a) => a + 1', '( a )=>\n\n  a   +1'],
    ['comments', '(a) => { return a }', '(a) => { /* the same */ return a // really\n }'],
    ['the names of parameters', '(a, b) => a - b', '(x, y) => x - y'],
    ['the names of locals', '(a) => { const half = a / 2; return half }', '(a) => { const h = a / 2; return h }'],
    ['destructured names', '({ a: x, ...rest }) => [x, rest]', '({ a: y, ...others }) => [y, others]'],
    ['shorthand properties', '(a) => ({ a })', '(b) => ({ a: b })'],
    [
      'the names of inner functions',
      '(a) => { function f(n) { return n && f(n - 1) } return f(a) }',
      '(b) => { function g(m) { return m && g(m - 1) } return g(b) }',
    ],
    ['their own names', 'function f(a) { return a && f(a - 1) }', 'function g(a) { return a && g(a - 1) }'],
    ['quotes and number formats', "(a) => a + 'x' + 16", '(a) => a + "x" + 0x10'],
    ['empty statements', '(a) => { return a }', '(a) => { ; return a;; }'],
    ['hoisted names', '(a) => { for (var i = 0; i < a; i++); return i }', '(a) => { for (var k = 0; k < a; k++); return k }'],
    ['caught names', '() => { try { x() } catch (e) { return e } }', '() => { try { x() } catch (error) { return error } }'],
    ['class names', '() => { class A { static make() { return new A() } } return A }', '() => { class B { static make() { return new B() } } return B }'],
  ])('%s', (_, a, b) => {
    expect(sourceHash(a)).toBe(sourceHash(b))
  })
})

describe('two functions have different hashes when they differ in', () => {
  test.each([
    ['a constant', '(a) => a + 1', '(a) => a + 2'],
    ['an operator', '(a) => a + 1', '(a) => a - 1'],
    ['which parameter is used', '(a, b) => a', '(a, b) => b'],
    ['a name from outside', '(a) => first(a)', '(a) => second(a)'],
    ['a property', '(a) => a.x', '(a) => a.y'],
    ['being asynchronous', '(a) => a', 'async (a) => a'],
    ['a regular expression', '(a) => /x/u.test(a)', '(a) => /x/i.test(a)'],
    ['a bigint', '() => 1n', '() => 2n'],
    ['a template', '(a) => `${a}!`', '(a) => `${a}?`'],
    ['shadowing', '(a) => { { let a = 1; use(a) } return a }', '(a) => { { let b = 1; use(a) } return a }'],
    ['a var that is the parameter', 'function (a) { var a; return a }', 'function (a) { var b; return b }'],
    ['computed keys', '(a) => ({ [a]: 1 })', '(a) => ({ a: 1 })'],
    ['a label’s target', '() => { outer: for (;;) { for (;;) break outer } }', '() => { outer: for (;;) { for (;;) break } }'],
  ])('%s', (_, a, b) => {
    expect(sourceHash(a)).not.toBe(sourceHash(b))
  })
})

/** The functions that are properties of an object, in the order of their definition. */
function functionsIn(object: object): readonly Code[] {
  const values = Object.values(Object.getOwnPropertyDescriptors(object)).map(({ value }: PropertyDescriptor): unknown => value)
  return values.filter((value): value is Code => typeof value === 'function')
}

test('every form of function can be hashed', () => {
  const outside = 3
  class Base {
    greet(name: string): string {
      return name
    }
  }
  class Derived extends Base {
    #secret = 1
    override greet(name: string): string {
      return super.greet(name) + this.#secret
    }
    static make(): number {
      return outside
    }
    async *later(): AsyncGenerator<number> {
      yield await Promise.resolve(this.#secret)
    }
  }
  const methods = {
    plain(a: string) {
      return a
    },
    async later(a: string) {
      return Promise.resolve(a)
    },
    *many() {
      yield 1
    },
    async *stream() {
      yield await Promise.resolve(1)
    },
    ['computed name']() {
      return 1
    },
    get() {
      return 1
    },
    async() {
      return 1
    },
    function() {
      return 1
    },
  }
  const forms = [
    (a: string) => a,
    async (a: string) => Promise.resolve(a),
    function (a: string) {
      return a
    },
    function* () {
      yield 1
    },
    async function* () {
      yield await Promise.resolve(1)
    },
    ...functionsIn(Derived.prototype),
    ...functionsIn(Derived),
    ...functionsIn(methods),
  ]
  for (const form of forms) expect(hashOf(form)).toMatch(/^[0-9a-f]{64}$/)
})

test('a method and a function of the same code have one hash', () => {
  const methods = {
    plain(a: string) {
      return a
    },
  }
  const code = function (a: string) {
    return a
  }
  expect(functionsIn(methods).map((method) => hashOf(method))).toEqual([hashOf(code)])
})

test('a bound or native function needs a version, and a version is enough', () => {
  const bound = function (this: number) {
    return this
  }.bind(1)
  for (const code of [bound, Math.max] as Code[]) {
    expect(() => hashOf(code)).toThrow(expect.objectContaining({ code: 'FUNCTION_NEEDS_VERSION' }) as Error)
    expect(hashOf(code, '1')).not.toBe(hashOf(code, '2'))
  }
})

test('an explicit version replaces the source', () => {
  expect(hashOf(() => 1, '1')).toBe(hashOf(() => 2, '1'))
  expect(hashOf(() => 1, '1')).not.toBe(hashOf(() => 1))
})

test('the types are part of the hash, the order of a record’s fields is not', () => {
  const code = () => 1
  const hash = (fields: Record<string, { type: { kind: 'text' | 'int' }; nullable: boolean }>) =>
    codeHash({ name: null, code, inputs: [], output: { type: { kind: 'record', fields }, nullable: false }, version: undefined })
  const [text, int] = [
    { type: { kind: 'text' as const }, nullable: false },
    { type: { kind: 'int' as const }, nullable: false },
  ]
  expect(hash({ a: text, b: int })).toBe(hash({ b: int, a: text }))
  expect(hash({ a: text, b: int })).not.toBe(hash({ a: int, b: int }))
})

test('renaming a local never changes the hash, whatever its name', () => {
  const name = fc.stringMatching(/^[a-z][a-zA-Z0-9]{0,8}$/).filter((text) => {
    try {
      runInThisContext(`'use strict'; (other) => { const ${text} = 1 }`)
      return text !== 'other' && text !== 'outside'
    } catch {
      return false
    }
  })
  const source = (local: string) => `(other) => { const ${local} = other * 2; return [${local}, outside, { key: ${local} }] }`
  fc.assert(
    fc.property(name, name, (a, b) => {
      expect(sourceHash(source(a))).toBe(sourceHash(source(b)))
    }),
  )
})
