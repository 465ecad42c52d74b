import { connect, isVivantError, t } from 'vivant'
import * as pipeline from './pipeline.js'

export const open = () => connect('memory:', { define: pipeline })

export async function make() {
  const db = await open()
  return db
    .createTable('things', { n: t.int() })
    .addComputedColumn('next', (row) => row.n.add(1))
    .renameColumn('n', 'number')
    .dropColumn('next')
}

export async function read() {
  await using db = await open()
  const rows = await db.posts
    .where((post) => post.long)
    .orderBy((post) => post.slug.similarity('cats'), 'desc')
    .select((post) => ({ slug: post.slug, tempo: post.tempo, state: post.state, cover: post.cover, meta: post.meta, words: post.words.cell.status }))
    .execute()
  const first = rows[0]
  return { rows, first, status: await db.status(), plan: await db.plan(pipeline), settled: await db.settled() }
}

export const handles = async () => {
  const db = await open()
  return {
    posts: db.posts,
    rows: db.posts.ready(),
    backfill: db.posts.backfill('words'),
    query: db.posts.limit(3),
    byName: db.table('posts'),
    other: db.table(pipeline.authors),
  }
}

export async function write() {
  await using db = await open()
  const inserted = await db.authors.insert([{ name: 'Ada', id: crypto.randomUUID() }], { wait: true })
  const failures = await db.posts.failures({ column: 'heard' })
  return await db.transaction(async (tx) => ({
    inserted,
    failures,
    named: await tx.table('authors'),
    deleted: await tx
      .table(pipeline.authors)
      .where((author) => author.name.eq('x'))
      .delete(),
  }))
}

export const isLocked = (error: unknown) => isVivantError(error, 'DIRECTORY_LOCKED')

export async function expressions() {
  await using db = await open()
  const query = db.posts.where((post) => post.cover.isNull().not())
  // whatever kind a column has, its expression must have a name
  const kinds = query.select((post) => ({
    post: {
      slug: post.slug,
      when: post.at,
      name: post.author,
      file: post.any,
      raw: post.raw,
      clip: post.clip,
      sound: post.sound,
      paper: post.paper,
      stock: post.stock,
      card: post.card,
      heard: post.heard,
    },
    parts: { width: post.cover.width, tempo: post.track.tempo, second: post.tags.at(1), color: post.meta.at('color'), cell: post.words.cell.error },
  }))
  return { query, kinds, rows: await kinds.execute(), sql: await kinds.toSQL(), cell: await db.posts.cell(1, 'words'), lineage: await db.posts.lineage() }
}

export const kysely = async () => (await open()).kysely.selectFrom('live.posts').select(['slug', 'words', '_status'])
