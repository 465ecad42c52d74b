import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { CompiledQuery } from 'kysely'
import { expect, test } from 'vitest'
import { connect, type Database, history, t, table, udf } from 'vivant'
import { describeEngines } from '../engines.ts'

const runs = Number(process.env['VIVANT_TEST_GROUP_HISTORIES'] ?? 40)
const last = 3

const plus = udf({ name: 'plus_c', input: [t.int()], output: t.int(), version: '1' }, (x) => {
  if (x === 13) throw new Error('thirteen')
  return x + 1
})
const running = udf(
  { name: 'running', input: [t.int(), t.array(t.record({ own: t.int().nullable() }))], output: t.int(), version: '1' },
  (x, earlier) => ((earlier.at(-1)?.own ?? 0) * 3 + x) % 101,
)
const summed = udf({ name: 'summed', input: [t.array(t.record({ c: t.int(), at: t.int().nullable() }))], output: t.text(), version: '1' }, async (earlier) =>
  earlier.map(({ c, at }) => `${at}:${c}`).join(' '),
)

interface Row {
  readonly id: number
  readonly g: string | null
  readonly at: number | null
  readonly x: number
}

type Step =
  | { readonly kind: 'insert'; readonly rows: readonly Omit<Row, 'id'>[] }
  | { readonly kind: 'change' | 'delete' | 'move' | 'regroup'; readonly pick: number; readonly to: Omit<Row, 'id'> }
  | { readonly kind: 'wait'; readonly ms: number }

const content = fc.record({ g: fc.constantFrom('a', 'b', null), at: fc.option(fc.integer({ min: 0, max: 12 })), x: fc.constantFrom(1, 2, 3, 13) })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('insert' as const), rows: fc.array(content, { minLength: 1, maxLength: 4 }) }),
  fc.record({ kind: fc.constantFrom('change' as const, 'delete' as const, 'move' as const, 'regroup' as const), pick: fc.nat(), to: content }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 12 }) }),
)

/** What the columns must be, by plain JavaScript. */
function reference(rows: readonly Row[]): Readonly<Record<number, readonly unknown[]>> {
  const expected: Record<number, readonly unknown[]> = {}
  for (const g of new Set(rows.map((row) => row.g))) {
    const group = rows.filter((row) => row.g === g).toSorted((l, r) => (l.at ?? Infinity) - (r.at ?? Infinity) || l.id - r.id)
    let own = 0
    for (const [index, { id, x }] of group.entries()) {
      own = (own * 3 + x) % 101
      const earlier = group.slice(Math.max(0, index - last), index).filter((row) => row.x !== 13)
      const text = earlier.map((row) => `${row.at}:${row.x + 1}`).join(' ')
      expected[id] = [x === 13 ? null : x + 1, own, text, own === 13 ? null : own + 1]
    }
  }
  return expected
}

async function run<R = Record<string, unknown>>(db: Database, statement: string): Promise<readonly R[]> {
  return (await db.kysely.executeQuery<R>(CompiledQuery.raw(statement))).rows
}

describeEngines('histories of groups', (engine) => {
  test(`${runs} generated histories end as a plain program has them`, { timeout: 1_200_000 }, async () => {
    const place = await engine.database()
    const define = {
      items: table('items', { g: t.text().nullable(), at: t.int().nullable(), x: t.int() })
        .computed('c', (r) => plus(r.x))
        .computed('running', (r) =>
          running(r.x, history(r, { by: (row) => row.g, orderBy: (row) => row.at, last: 1, select: (_, self) => ({ own: self(running) }) })),
        )
        .computed('summed', (r) => summed(history(r, { by: (row) => row.g, orderBy: (row) => row.at, last, select: (e) => ({ c: e.c, at: e.at }) })))
        .computed('after', (r) => plus(r.running)),
    }
    await using db = await connect(place.target, { define, worker: true })
    await using other = engine.name === 'server' ? await connect(place.target, { define, worker: true }) : null
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 50 }), async (steps) => {
        await run(db, 'delete from items')
        const rows = new Map<number, Row>()
        for (const entry of steps) {
          if (entry.kind === 'wait') await sleep(entry.ms)
          else if (entry.kind === 'insert') {
            const { ids } = await db.items.insert(entry.rows)
            for (const [index, id] of ids.entries()) rows.set(id, { id, ...entry.rows[index]! })
          } else {
            const row = [...rows.values()][entry.pick % Math.max(1, rows.size)]
            if (row) await apply(db, rows, row, entry)
          }
        }
        await db.settled()
        const found = await run<{ _id: number; c: unknown; running: unknown; summed: unknown; after: unknown; _status: Readonly<Record<string, string>> }>(
          db,
          'select _id, c, running, summed, after, _status from live.items',
        )
        expect(Object.fromEntries(found.map((row) => [row._id, [row.c, row.running, row.summed, row.after]]))).toEqual(reference([...rows.values()]))
        const states = found.flatMap(({ _status }) => Object.values(_status))
        expect(states.filter((state) => state !== 'failed')).toEqual([])
        expect((await db.doctor()).findings).toEqual([])
      }),
      { numRuns: runs, endOnFailure: true, ...(process.env['VIVANT_TEST_SEED'] ? { seed: Number(process.env['VIVANT_TEST_SEED']) } : {}) },
    )
    await other?.settled()
  })
})

async function apply(
  db: Database & { readonly items: unknown },
  rows: Map<number, Row>,
  row: Row,
  { kind, to }: Extract<Step, { readonly pick: number }>,
): Promise<void> {
  const quoted = (value: string | number | null): string => (value === null ? 'null' : typeof value === 'string' ? `'${value}'` : String(value))
  if (kind === 'delete') {
    await run(db, `delete from items where _id = ${row.id}`)
    rows.delete(row.id)
    return
  }
  const change = kind === 'change' ? { x: to.x } : kind === 'move' ? { at: to.at } : { g: to.g, at: to.at }
  await run(
    db,
    `update items set ${Object.entries(change)
      .map(([name, value]) => `${name} = ${quoted(value)}`)
      .join(', ')} where _id = ${row.id}`,
  )
  rows.set(row.id, { ...row, ...change })
}
