import { compileEvaluator, type DataType, type ExpressionNode, operatorArity, type OperatorName, walkNodes } from '@vivant/core'
import { compileExpression, compileToText, notExpressible } from '@vivant/storage'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeEngines } from '../engines.ts'
import { expectEqual, runExpressions } from '../expressions/expect-equal.ts'
import { anyExpression, columns } from '../expressions/expressions.ts'
import { type ArrayClient, openClient } from '../expressions/open-client.ts'
import { storedValueOf, valueOf } from '../expressions/values.ts'

/** More in `npm run test:faults`, or with VIVANT_TEST_RUNS; a failure prints its seed and path, which `fc.assert` takes again. */
const numRuns = Number(process.env['VIVANT_TEST_RUNS'] ?? 100)
const float: DataType = { kind: 'float' }
const vector: DataType = { kind: 'vector', dimensions: 3 }

/** Tested by themselves below: they are not exact, or not a matter of the row. */
const apart: readonly OperatorName[] = ['similarity', 'distance', 'now']

describeEngines('an expression in SQL and in JavaScript', (engine) => {
  let client: ArrayClient
  beforeAll(async () => {
    client = await openClient(engine)
  })
  afterAll(() => client[Symbol.asyncDispose]())

  test('is the same for random expressions over random rows, with every operator, and never raises', { timeout: 600_000 }, async () => {
    const covered = new Set<OperatorName>()
    const expressions = fc.array(fc.integer({ min: 1, max: 4 }).chain(anyExpression), { minLength: 8, maxLength: 8 })
    const row = fc.record(Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, storedValueOf(type)])))
    await fc.assert(
      fc.asyncProperty(expressions, fc.array(row, { minLength: 6, maxLength: 6 }), async (nodes, rows) => {
        const expressible = nodes.filter((node) => notExpressible(node) === undefined)
        for (const node of expressible) for (const inner of walkNodes(node)) if (inner.node === 'operator') covered.add(inner.operator)
        await expectEqual(client, expressible, rows)
      }),
      { numRuns },
    )
    const missing = Object.keys(operatorArity).filter((name) => !covered.has(name as OperatorName) && !apart.includes(name as OperatorName))
    // of few runs chance may leave an operator out
    expect(missing.length, missing.join(', ')).toBeLessThanOrEqual(numRuns < 400 ? 3 : 0)
  })

  test('is the same for each operator by itself over many rows', { timeout: 600_000 }, async () => {
    const expressions = fc.array(anyExpression(1), { minLength: 40, maxLength: 40 })
    const row = fc.record(Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, storedValueOf(type)])))
    await fc.assert(
      fc.asyncProperty(expressions, fc.array(row, { minLength: 40, maxLength: 40 }), async (nodes, rows) => {
        await expectEqual(
          client,
          nodes.filter((node) => notExpressible(node) === undefined),
          rows,
        )
      }),
      { numRuns: Math.ceil(numRuns / 8) },
    )
  })

  test('is the same for arithmetic at the edges of float8, where PostgreSQL would raise', { timeout: 600_000 }, async () => {
    const edge = valueOf(float) as fc.Arbitrary<number>
    const pairs = fc.array(fc.record({ float1: edge, float2: edge }), { minLength: 40, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(pairs, edge, edge, fc.integer({ min: 0, max: 15 }), async (rows, c, d, digits) => {
        await expectEqual(client, arithmetic(c, d, digits), rows)
      }),
      { numRuns },
    )
  })

  test('agrees on vectors within 1e-6 of their size, and exactly on what has no answer', async () => {
    // pgvector adds up 32-bit floats in an order of its own (SIMD lanes, fused multiplication), which JavaScript cannot repeat.
    const nodes = [
      operator('similarity', ['vector1', 'vector2']),
      ...['cosine', 'l2', 'innerProduct'].map((metric) => operator('distance', ['vector1', 'vector2'], { metric })),
    ]
    const row = fc.record({ vector1: storedValueOf(vector), vector2: storedValueOf(vector) })
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 20, maxLength: 20 }), async (rows) => {
        for (const [index, pair] of rows.entries()) {
          const size = 1 + length(pair.vector1) * length(pair.vector2) + length(pair.vector1) + length(pair.vector2)
          for (const [node, { evaluated, selected }] of (await runExpressions(client, nodes, rows)).entries()) {
            const [expected, actual] = [evaluated[index], selected[index]]
            if (expected === null || actual === null) expect(actual, JSON.stringify(nodes[node])).toBe(expected)
            else expect(Math.abs((expected as number) - (actual as number))).toBeLessThan(1e-6 * (node < 2 ? 1 : size))
          }
        }
      }),
      { numRuns: 20 },
    )
  })

  test('takes a JSON null in a column, which other clients can write, for null', async () => {
    const json: DataType = { kind: 'json' }
    const column: ExpressionNode = { node: 'column', source: 0, column: 'j', type: json }
    const isNull: ExpressionNode = { node: 'operator', operator: 'isNull', operands: [column], type: { kind: 'boolean' } }
    const text = compileToText(isNull, { column: () => 'r.j', cell: () => 'null' })
    expect(await client.query(`select ${text} from (values ('null'::jsonb), ('1')) as r(j)`)).toEqual([[true], [false]])
  })

  test('now() is the statement’s beginning, in whole milliseconds', async () => {
    const now: ExpressionNode = { node: 'operator', operator: 'now', operands: [], type: { kind: 'timestamp' } }
    const before = Date.now()
    const text = compileToText(now, { column: () => '', cell: () => '' })
    const [row] = await client.query(`select ${text} = ${text}, ${text}, extract(microseconds from ${text})::int % 1000`)
    expect(row?.[0]).toBe(true)
    expect(Math.abs(Number(row?.[1]) - before)).toBeLessThan(60_000)
    expect(row?.[2]).toBe(0)
    const instant = new Date()
    const evaluate = compileEvaluator(now, { column: unused, cell: unused, call: unused, lookup: unused, now: () => instant })
    expect(evaluate(0)).toBe(instant)
  })

  describe('as text', () => {
    test.each(['it’s', "it's", "\\' or 1=1 --", '\\', "E'\\x41'", '$1', '$tag$', '"', '%', '\n\r\t', "'; drop table x; --", '\u{1F600}', '?', '\\u0041'])(
      'quotes %j',
      async (value) => {
        const literal: ExpressionNode = { node: 'literal', value, type: { kind: 'text' } }
        const text = compileToText(literal, { column: () => '', cell: () => '' })
        for (const setting of ['on', 'off']) {
          await client.query(`set standard_conforming_strings = ${engine.name === 'server' ? setting : 'on'}`)
          expect(await client.query(`select ${text}`)).toEqual([[value]])
        }
        await client.query('set standard_conforming_strings = on')
      },
    )

    test('refuses a NUL character, and a parameter of the caller’s', () => {
      const literal: ExpressionNode = { node: 'literal', value: 'a\0b', type: { kind: 'text' } }
      expect(() => compileToText(literal, { column: () => '', cell: () => '' })).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }))
    })
  })

  test('stands in an index, a check and a view', async () => {
    const column = (name: string, type: DataType): ExpressionNode => ({ node: 'column', source: 0, column: name, type })
    const product = operator('mul', [column('price', float), operator('add', [column('price', float), column('count', { kind: 'int' })])])
    const day: ExpressionNode = {
      node: 'operator',
      operator: 'trunc',
      operands: [column('at', { kind: 'timestamp' })],
      options: { field: 'day' },
      type: { kind: 'timestamp' },
    }
    const shown: ExpressionNode = {
      node: 'operator',
      operator: 'template',
      operands: [column('at', { kind: 'timestamp' }), column('count', { kind: 'int' })],
      options: { strings: ["it's ", ': ', ''] },
      type: { kind: 'text' },
    }
    const context = { column: (node: { readonly column: string }) => node.column, cell: () => '' }
    await client.query('create table priced (price float8, count int8, at timestamptz(3))')
    for (const node of [product, day, shown]) {
      await client.query(`create index on priced ((${compileToText(node, context)}))`)
      await client.query(`alter table priced add check (${compileToText(node, context)} is not null)`)
    }
    await client.query(`create view shown as select ${compileToText(shown, context)} as text from priced`)
    await client.query("insert into priced values (1e150, 3, '2026-01-31 12:00:00+01')")
    expect(await client.query('select text from shown')).toEqual([["it's 2026-01-31T11:00:00.000Z: 3"]])
    await expect(client.query("insert into priced values (1e300, 3, '2026-01-31')")).rejects.toMatchObject({ code: '23514' })
    expect(compileExpression(product, { column: (node) => sql.ref(node.column), cell: unused, lookup: unused })).toBeDefined()
  })
})

/** Every operator of numbers, with columns, constants and itself as operands: the planner treats each differently. */
function arithmetic(c: number, d: number, digits: number): ExpressionNode[] {
  const literal = (value: number): ExpressionNode => ({ node: 'literal', value: Number.isFinite(value) ? value : String(value), type: float })
  const binary = (['add', 'sub', 'mul', 'div', 'mod'] as const).flatMap((name) => [
    operator(name, ['float1', 'float2']),
    operator(name, ['float1', literal(c)]),
    operator(name, [literal(c), 'float1']),
    operator(name, [literal(c), literal(d)]),
    operator(name, [operator(name, ['float1', literal(c)]), 'float2']),
  ])
  const unary = [operator('abs', ['float1']), operator('round', ['float1'], { digits }), operator('round', [literal(c)], { digits })]
  return [...binary, ...unary, operator('round', [operator('mul', ['float1', 'float2'])], { digits })]
}

function operator(name: OperatorName, operands: readonly (string | ExpressionNode)[], options?: Readonly<Record<string, unknown>>): ExpressionNode {
  const nodes = operands.map((operand): ExpressionNode =>
    typeof operand === 'string' ? { node: 'column', source: 0, column: operand, type: columns[operand]! } : operand,
  )
  return { node: 'operator', operator: name, operands: nodes, type: float, ...(options && { options }) }
}

function length(value: unknown): number {
  return value === null ? 0 : Math.hypot(...(value as Float32Array))
}

function unused(): never {
  throw new Error('not used here')
}
