import { describe, expect, test } from 'vitest'
import { t } from '../../column/t.ts'
import { udf } from '../../function/udf.ts'
import { tableDefinition } from '../../schema/definition-impl.ts'
import { rowOf } from '../../schema/row-of.ts'
import { table } from '../../schema/table.ts'
import { view } from '../../schema/view.ts'
import { describeNode } from '../tree/describe-node.ts'
import { parseNode } from '../tree/parse-node.ts'
import { serializeNode } from '../tree/serialize-node.ts'
import { history } from './history.ts'

const plus = udf({ name: 'plus', input: [t.int()], output: t.int(), version: '1' }, (x) => x + 1)
const sum = udf({ name: 'sum', input: [t.array(t.record({ v: t.int() }))], output: t.int(), version: '1' }, (rows) => rows.length)
const readings = table('readings', { at: t.int(), flag: t.boolean(), note: t.text().nullable(), x: t.int() }).computed('y', (r) => plus(r.x))

type Given = Readonly<Record<string, never>>
const declare = (options: object, name = 'h') =>
  readings.computed(
    name,
    (r) => sum(history(r, { orderBy: (row: Given) => row['at'], last: 1, select: (row: Given) => ({ v: row['x'] }), ...options } as never) as never) as never,
  )

describe('history', () => {
  test('says what it reads, and whether it may be null', () => {
    const made = tableDefinition(
      readings.computed('h', (r) => sum(history(r, { by: (row) => [row.note, row.flag], orderBy: (row) => row.at, last: 3, select: (row) => ({ v: row.y }) }))),
    ).computed.at(-1)!
    expect(describeNode(made.expression)).toBe('sum(history({ v } of the last 3 rows, by note, flag, in order of at))')
    expect(made.nullable).toBe(false)
    expect(parseNode(JSON.parse(serializeNode(made.expression)))).toEqual(made.expression)
    const fields = tableDefinition(
      readings.computed('h', (r) => history(r, { orderBy: (row) => row._id, last: 1, select: (row) => ({ note: row.note, y: row.y, at: row.at.add(1) }) })),
    ).computed.at(-1)!.expression.type
    expect(fields).toMatchObject({ element: { fields: { note: { nullable: true }, y: { nullable: false }, at: { nullable: false } } } })
  })

  test.each([
    [{ last: 0 }, 'EXPRESSION_INVALID', /last: 1 to 10000 rows, not the number 0/u],
    [{ last: 1.5 }, 'EXPRESSION_INVALID', /last: 1 to 10000 rows, not the number 1\.5/u],
    [{ orderBy: (row: Given) => row['flag'] }, 'TYPE_MISMATCH', /orderBy cannot be flag, as boolean has no order/u],
    [{ orderBy: (row: Given) => row['y'] }, 'EXPRESSION_INVALID', /"y", which is no stored column/u],
    [{ by: (row: Given) => plus(row['x']!) }, 'EXPRESSION_INVALID', /takes stored columns for by, not plus\(x\)/u],
    [{ select: () => ({}) }, 'EXPRESSION_INVALID', /needs select/u],
    [{ select: (row: Given) => ({ v: plus(row['x']!) }) }, 'EXPRESSION_INVALID', /cannot select plus\(x\) as 'v'/u],
    [{ select: (_: Given, self: (of: unknown) => unknown) => ({ v: self(3) }) }, 'TYPE_MISMATCH', /self\(\) takes the function/u],
  ])('refuses %o', (options, code, message) => {
    expect(() => declare(options)).toThrow(message)
    expect(() => declare(options)).toThrow(expect.objectContaining({ code }))
  })

  test('is refused twice in a column, of another type than its own results, in conditions, and outside computed columns', () => {
    const one = (r: object) => history(r as Given, { orderBy: (row) => row['at']!, last: 1, select: (row) => ({ v: row['x']! }) })
    const two = udf({ name: 'two', input: [t.array(t.record({ v: t.int() })), t.array(t.record({ v: t.int() }))], output: t.int(), version: '1' }, () => 1)
    expect(() => readings.computed('h', (r) => two(one(r) as never, one(r) as never) as never)).toThrow(/reads two histories/u)
    expect(() =>
      readings.computed(
        'h',
        (r) => sum(history(r, { orderBy: (row) => row.at, last: 1, select: (_, self) => ({ v: self(t.text()) as never }) }) as never) as never,
      ),
    ).toThrow(expect.objectContaining({ code: 'TYPE_MISMATCH' }))
    expect(() => readings.computed('h', (r) => plus(r.x), { when: (r) => one(r).length().gt(1) })).toThrow(/in its condition/u)
    expect(() => view('late', { of: readings, where: (r) => one(r).length().gt(1) })).toThrow(/callback of a computed column/u)
    expect(() => one(rowOf(tableDefinition(readings)))).toThrow(/callback of a computed column/u)
  })
})
