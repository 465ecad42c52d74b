import { expect, expectTypeOf, test } from 'vitest'
import { type Database, iterator, obj, t, table, udf, type ValueOf, view } from 'vivant'

const lines = iterator({ name: 'lines', input: [t.text()], output: { text: t.text(), at: t.timestamp(), price: t.bigint().nullable() } }, function* (body) {
  for (const text of body.split('\n')) yield { text, at: new Date(0), price: null }
})
const posts = table('posts', { title: t.text(), body: t.text() })
const parts = view('parts', { of: posts, iterate: (post) => lines(post.body) }).computed('size', (part) => part.text.length())
const join = udf({ name: 'join', input: [t.array(t.text())], output: t.text() }, (texts) => texts.join(' '))

test('what the rows of a view come to has the type of its aggregate', () => {
  const told = posts
    .computed('count', (post) => parts.of(post).count((part) => part.size.gt(3)))
    .computed('size', (post) => parts.of(post).sum((part) => part.size))
    .computed('price', (post) => parts.of(post).sum((part) => part.price))
    .computed('mean', (post) => parts.of(post).avg((part) => part.size))
    .computed('first', (post) => parts.of(post).min((part) => part.at))
    .computed('long', (post) =>
      parts
        .of(post)
        .where((part) => part.parent.title.length().gt(3))
        .any((part) => part.size.gt(10)),
    )
    .computed('texts', (post) => parts.of(post).list((part) => part.text))
    .computed('joined', (post) => join(parts.of(post).collect((part) => part.text)))
    .computed('objects', (post) => parts.of(post, { wait: 'all' }).list((part) => obj({ text: part.text })))
  const use = async (db: Database): Promise<void> => {
    const [row] = await db
      .table(told)
      .ready()
      .select((post) => ({
        count: post.count,
        size: post.size,
        price: post.price,
        mean: post.mean,
        first: post.first,
        long: post.long,
        texts: post.texts,
        joined: post.joined,
      }))
      .execute()
    expectTypeOf(row!).toEqualTypeOf<{
      count: number
      size: number | null
      price: bigint | null
      mean: number | null
      first: Date | null
      long: boolean | null
      texts: readonly string[]
      joined: string
    }>()
  }
  expect(use).toBeTypeOf('function')
})

test('it can be asked for in a query, of a handle too', () => {
  const use = async (db: Database): Promise<void> => {
    const [videos, frames] = [db.table(posts), db.table(parts)]
    const [row] = await videos.select((video) => ({ n: frames.of(video).count(), last: frames.of(video).max((frame) => frame.text) })).execute()
    expectTypeOf(row!).toEqualTypeOf<{ n: number; last: string | null }>()
  }
  expect(use).toBeTypeOf('function')
})

test('what cannot be said is an error', () => {
  const refused = (): void => {
    posts.computed('n', (post) => {
      // @ts-expect-error a text has no sum
      parts.of(post).sum((part) => part.text)
      // @ts-expect-error a number is no condition
      parts.of(post).count((part) => part.size)
      parts.of(post).max((part) => {
        // @ts-expect-error the view has no such column
        void part.nothing
        return part.text
      })
      // @ts-expect-error posts is no view
      posts.of(post)
      // @ts-expect-error there is nothing else to wait for
      parts.of(post, { wait: 'some' })
      return post.title
    })
    const other = table('other', { n: t.int() })
    other.computed('m', (row) => {
      // @ts-expect-error the row is another table's
      parts.of(row)
      return row.n
    })
  }
  expect(refused).toThrow()
  expectTypeOf<ValueOf<ReturnType<ReturnType<typeof parts.of>['count']>>>().toEqualTypeOf<number>()
})
