import { expectTypeOf, test } from 'vitest'
import { type Column, type HasSchema, history, type NumberExpression, type NumberType, t, table, udf, type ValueOf, view } from '@vivant/core'

interface Box {
  readonly left: number
}
const assign = udf(
  { name: 'assign', input: [t.json<Box>(), t.array(t.record({ box: t.json<Box>(), note: t.text().nullable(), track: t.int().nullable() }))], output: t.int() },
  (box, earlier) => {
    expectTypeOf(earlier).toEqualTypeOf<readonly { readonly box: Box; readonly note: string | null; readonly track: number | null }[]>()
    return box.left
  },
)
const readings = table('readings', { camera: t.text().nullable(), at: t.timestamp(), box: t.json<Box>(), note: t.text(), x: t.int() })
type Columns<D> = D extends HasSchema<infer S> ? S['columns'] : never

// What is only compiled.

test('a column over earlier rows says no type twice', () => {
  const tracked = readings.computed('track', (r) =>
    assign(
      r.box,
      history(r, {
        by: (row) => row.camera,
        orderBy: (row) => row.at,
        last: 20,
        select: (e, self) => {
          expectTypeOf(self(assign)).toEqualTypeOf<NumberExpression<null>>()
          return { box: e.box, note: e.note, track: self(assign) }
        },
      }),
    ),
  )
  expectTypeOf<Columns<typeof tracked>['track']>().toEqualTypeOf<Column<NumberType, 'computed'>>()

  void ((r: Parameters<Parameters<typeof readings.computed>[1]>[0]) => {
    const list = history(r, {
      by: (row) => [row.camera, row.x],
      orderBy: (row) => row.x,
      last: 1,
      select: (e, self) => ({ x: e.x, camera: e.camera, own: self(t.text()) }),
    })
    expectTypeOf<ValueOf<typeof list>>().toEqualTypeOf<readonly { readonly x: number; readonly camera: string | null; readonly own: string | null }[]>()
    expectTypeOf(list.length()).toEqualTypeOf<NumberExpression<never>>()
  })
})

test('what does not fit is a compile error', () => {
  void ((r: Parameters<Parameters<typeof readings.computed>[1]>[0]) => {
    // @ts-expect-error a text is no box
    assign(r.box, history(r, { orderBy: (row) => row.at, last: 1, select: (e, self) => ({ box: e.note, note: e.note, track: self(assign) }) }))
    // @ts-expect-error the field `track` is missing
    assign(r.box, history(r, { orderBy: (row) => row.at, last: 1, select: (e) => ({ box: e.box, note: e.note }) }))
    // @ts-expect-error a name is no expression
    history(r, { orderBy: () => 'at', last: 1, select: (e) => ({ box: e.box }) })
    // @ts-expect-error how many
    history(r, { orderBy: (row) => row.at, select: (e) => ({ box: e.box }) })
    // @ts-expect-error a value is no expression
    history(r, { orderBy: (row) => row.at, last: 1, select: () => ({ box: 1 }) })
  })
})

test('the rows of a view are grouped by their parent', () => {
  view('names', { of: readings, where: (r) => r.x.gt(1) }).computed('before', (f) => {
    const list = history(f, { by: (row) => row.parent._id, orderBy: (row) => row.pos, last: 2, select: (e) => ({ pos: e.pos }) })
    expectTypeOf<ValueOf<typeof list>>().toEqualTypeOf<readonly { readonly pos: number }[]>()
    return list
  })
})
