import sharp from 'sharp'
import { expect, test } from 'vitest'
import { image, tiles } from 'vivant/image'
import { connect, iterator, obj, t, table, udf, view } from 'vivant'
import { describeEngines } from '../../engines.ts'

const lines = iterator({ name: 'lines', input: [t.text()], output: { line: t.text() } }, function* (text) {
  for (const line of text.split('\n')) yield { line }
})
const split = iterator({ name: 'split', input: [t.text()], output: { word: t.text() } }, function* (text) {
  for (const word of text.split(' ')) yield { word }
})
let measured = 0
const measure = udf({ name: 'measure', input: [t.text()], output: t.int(), version: '1' }, (text) => {
  measured++
  if (text === 'bad') throw new Error('bad line')
  return text.length
})
let assembled = 0
const assemble = udf({ name: 'assemble', input: [t.array(t.int()), t.array(t.int())], output: t.text(), version: '1' }, (left, right) => {
  assembled++
  return `${left.join('+')} and ${right.join('+')}`
})
let sheets = 0
const sheet = udf({ name: 'sheet', input: [t.array(t.image())], output: t.image(), version: '1' }, async (pictures) => {
  sheets++
  const placed = await Promise.all(pictures.map(async (picture, at) => ({ input: Buffer.from(await picture.bytes()), left: at * 8, top: 0 })))
  return sharp({ create: { width: pictures.length * 8, height: 8, channels: 3, background: '#fff' } })
    .composite(placed)
    .png()
    .toBuffer()
})
const half = udf({ name: 'half', input: [t.float()], output: t.float(), version: '1' }, (value) => value / 2)
let joined = 0
const join = udf({ name: 'join', input: [t.text(), t.array(t.int())], output: t.text(), version: '1' }, (title, sizes) => {
  joined++
  return `${title}:${sizes.join('+')}`
})

describeEngines('roll-ups over the rows of a view', (engine) => {
  test('follow the rows, their columns and their cells', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    const posts = await db.createTable('posts', { title: t.text(), body: t.text() })
    const rows = await db
      .createView('lines', { of: posts, iterate: (post) => lines(post.body) })
      .addComputedColumn('size', (line) => measure(line.line))
      .addComputedColumn('long', (line) => line.size.gt(2))
    const told = await posts
      .addComputedColumn('lines', (post) => rows.of(post).count())
      .addComputedColumn('long', (post) => rows.of(post).count((line) => line.long))
      .addComputedColumn('total', (post) => rows.of(post).sum((line) => line.size))
      .addComputedColumn('longest', (post) => rows.of(post).max((line) => line.size))
      .addComputedColumn('texts', (post) =>
        rows
          .of(post)
          .where((line) => line.long)
          .list((line) => line.line),
      )
      .addComputedColumn('mean', (post) =>
        rows
          .of(post)
          .avg((line) => line.size)
          .round(2),
      )
    await told.insert([
      { title: 'one', body: 'a\nbcd\nef' },
      { title: 'two', body: 'x' },
    ])
    await db.settled()
    const read = () =>
      told
        .orderBy((post) => post._id)
        .select((post) => ({ lines: post.lines, long: post.long, total: post.total, longest: post.longest, texts: post.texts, mean: post.mean }))
        .execute()
    expect(await read()).toEqual([
      { lines: 3, long: 1, total: 6, longest: 3, texts: ['bcd'], mean: 2 },
      { lines: 1, long: 0, total: 1, longest: 1, texts: [], mean: 1 },
    ])
    measured = 0
    await told.where((post) => post._id.eq(1)).update({ body: 'a\nbcd\nefgh\ni' })
    await db.settled()
    expect(await read()).toEqual([
      { lines: 4, long: 2, total: 9, longest: 4, texts: ['bcd', 'efgh'], mean: 2.25 },
      { lines: 1, long: 0, total: 1, longest: 1, texts: [], mean: 1 },
    ])
    expect(measured).toBe(2)
    expect(await told.ready().count()).toBe(2)
    expect(await db.doctor()).toMatchObject({ healthy: true, findings: [] })
    expect((await db.settled()).ran).toBe(0)
  })

  test('a function over all rows runs once when they are there, and fails with them', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    const posts = await db.createTable('posts', { title: t.text(), body: t.text() })
    const rows = await db.createView('lines', { of: posts, iterate: (post) => lines(post.body) }).addComputedColumn('size', (line) => measure(line.line))
    const told = await posts.addComputedColumn('sizes', (post) =>
      join(
        post.title,
        rows.of(post).collect((line) => line.size),
      ),
    )
    joined = 0
    await told.insert(Array.from({ length: 20 }, (_, at) => ({ title: `t${at}`, body: 'a\nbc\ndef' })))
    await db.settled()
    expect(joined).toBe(20)
    expect(
      await told
        .limit(1)
        .select((post) => ({ sizes: post.sizes }))
        .execute(),
    ).toEqual([{ sizes: 't0:1+2+3' }])
    await told.where((post) => post._id.eq(1)).update({ body: 'a\nbad' })
    await db.settled()
    expect(await told.cell(1, 'sizes')).toMatchObject({ state: 'blocked' })
    expect(joined).toBe(20)
    // equal content: nothing is called
    await told.where((post) => post._id.eq(2)).update({ body: 'c\nbc\ndef' })
    await db.settled()
    expect(joined).toBe(20)
    await told.where((post) => post._id.eq(1)).update({ body: 'a\nok' })
    await db.settled()
    expect(
      await told
        .where((post) => post._id.eq(1))
        .select((post) => ({ sizes: post.sizes }))
        .execute(),
    ).toEqual([{ sizes: 't0:1+2' }])
    expect(joined).toBe(21)
    expect(await db.doctor()).toMatchObject({ healthy: true, findings: [] })
  })

  test('of objects, of media and of own columns that users write', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    const posts = await db.createTable('posts', { title: t.text(), body: t.text() })
    const rows = await db.createView('lines', { of: posts, iterate: (post) => lines(post.body) }).addColumn('mark', t.int().nullable())
    const told = await posts
      .addComputedColumn('marks', (post) => rows.of(post).collect((line) => obj({ at: line.pos, mark: line.mark })))
      .addComputedColumn('marked', (post) => rows.of(post).any((line) => line.mark.gt(0)))
    await told.insert([{ title: 'one', body: 'a\nb' }])
    await db.settled()
    const read = () => told.select((post) => ({ marks: post.marks, marked: post.marked })).execute()
    expect(await read()).toEqual([
      {
        marks: [
          { at: 0, mark: null },
          { at: 1, mark: null },
        ],
        marked: null,
      },
    ])
    await rows.where((line) => line.pos.eq(1)).update({ mark: 5 })
    await db.settled()
    expect(await read()).toEqual([
      {
        marks: [
          { at: 0, mark: null },
          { at: 1, mark: 5 },
        ],
        marked: true,
      },
    ])
    expect(await db.doctor()).toMatchObject({ healthy: true, findings: [] })
  })

  test('of views of views, through virtual columns that read their parents, and as part of queries', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    const posts = await db.createTable('posts', { title: t.text(), least: t.int(), body: t.text() })
    const rows = await db.createView('lines', { of: posts, iterate: (post) => lines(post.body) }).addComputedColumn('size', (line) => measure(line.line))
    const words = await db.createView('words', { of: rows, iterate: (line) => split(line.line) })
    const counted = await rows
      .addComputedColumn('words', (line) => words.of(line).count())
      .addComputedColumn('enough', (line) => line.words.gte(line.parent.least))
    const told = await posts
      .addComputedColumn('words', (post) => counted.of(post).sum((line) => line.words))
      .addComputedColumn('enough', (post) => counted.of(post).count((line) => line.enough))
    await told.insert([{ title: 'one', least: 2, body: 'a b c\nd\ne f' }])
    await db.settled()
    const read = () =>
      told.select((post) => ({ words: post.words, enough: post.enough, now: rows.of(post).count(), longest: rows.of(post).max((line) => line.size) })).execute()
    expect(await read()).toEqual([{ words: 6, enough: 2, now: 3, longest: 5 }])
    await told.where((post) => post._id.eq(1)).update({ least: 1 })
    await db.settled()
    expect(await read()).toEqual([{ words: 6, enough: 3, now: 3, longest: 5 }])
    await told.where((post) => post._id.eq(1)).update({ least: 3, body: 'a b c' })
    await db.settled()
    expect(await read()).toEqual([{ words: 3, enough: 1, now: 1, longest: 5 }])
    const live = await db.kysely
      .selectFrom('live.posts' as never)
      .selectAll()
      .execute()
    expect(live).toMatchObject([{ words: 3, enough: 1, _status: {} }])
    expect(await told.lineage()).toContainEqual(
      expect.objectContaining({ column: 'enough', expression: 'lines.of(row).count(enough)', reads: ['lines.enough'] }),
    )
    expect((await counted.lineage()).find(({ column }) => column === 'words')).toMatchObject({ reads: ['words.pos'], readBy: ['posts.words', 'enough'] })
    expect(await db.doctor()).toMatchObject({ healthy: true, findings: [] })
  })

  test('declared by definitions, refused where they cannot be', async () => {
    await using database = await engine.database()
    const base = table('posts', { title: t.text(), body: t.text() })
    const linesOf = view('lines', { of: base, iterate: (post) => lines(post.body) }).computed('size', (line) => measure(line.line))
    const posts = base.computed('total', (post) => linesOf.of(post).sum((line) => line.size)).computed('large', (post) => post.total.gt(3))
    await using db = await connect(database.target, { worker: true, define: { linesOf, posts } })
    await db.posts.insert([{ title: 'one', body: 'ab\ncd' }])
    await db.settled()
    expect(await db.posts.select((post) => ({ total: post.total, large: post.large })).execute()).toEqual([{ total: 4, large: true }])
    expect(await db.plan({ linesOf, posts })).toMatchObject({ created: [], altered: [], dropped: [], recomputed: [] })

    const needed = { code: 'COLUMN_NEEDED', message: expect.stringContaining('posts.total → lines') as string }
    await expect(db.linesOf.dropColumn('size')).rejects.toMatchObject(needed)
    await expect(db.linesOf.renameColumn('size', 'length')).rejects.toMatchObject(needed)
    await expect(db.dropTable('lines')).rejects.toMatchObject(needed)
    const halved = await db
      .createView('lines', { of: db.posts, iterate: (post) => lines(post.body) })
      .addComputedColumn('half', (line) => half(line.parent.total))
    await expect(db.posts.replaceComputedColumn('total', (post) => halved.of(post).sum((line) => line.half))).rejects.toMatchObject({
      code: 'CYCLE',
      message: 'Computed columns need each other: posts.total → lines.half → posts.total.',
    })
    const other = await db.createTable('other', { body: t.text() })
    await expect(other.addComputedColumn('n', (row) => linesOf.of(row as never).count())).rejects.toMatchObject({
      code: 'TYPE_MISMATCH',
      message: "of() of 'lines' takes a row of 'posts', not one of 'other'",
    })
    await expect(db.posts.addComputedColumn('called', (post) => linesOf.of(post).sum((line) => measure(line.line)))).rejects.toMatchObject({
      code: 'EXPRESSION_INVALID',
    })
    await expect(db.posts.addComputedColumn('outer', (post) => linesOf.of(post).count((line) => line.line.eq(post.title)))).rejects.toMatchObject({
      code: 'EXPRESSION_INVALID',
      message: expect.stringContaining('row.parent.title') as string,
    })
  })

  test('many changes of one group are folded, and nothing is lost', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    const posts = await db.createTable('posts', { body: t.text() })
    const rows = await db.createView('lines', { of: posts, iterate: (post) => lines(post.body) }).addColumn('mark', t.int().nullable())
    const told = await posts.addComputedColumn('marks', (post) => rows.of(post).sum((line) => line.mark))
    await told.insert([{ body: 'a\nb\nc' }])
    await db.settled()
    for (let round = 1; round <= 80; round++) await rows.where((line) => line.pos.eq(round % 3)).update({ mark: round })
    await db.settled()
    await rows.where((line) => line.pos.eq(0)).update({ mark: 1 })
    await db.settled()
    expect(await told.select((post) => ({ marks: post.marks })).execute()).toEqual([{ marks: 1 + 79 + 80 }])
    const log = `log_${
      (
        (await db.kysely
          .selectFrom('vivant.table' as never)
          .select('id' as never)
          .where('name' as never, '=', 'lines' as never)
          .executeTakeFirstOrThrow()) as { id: number }
      ).id
    }`
    const entries = (await db.kysely
      .selectFrom(`vivant_data.${log}` as never)
      .selectAll()
      .execute()) as unknown as readonly { n: number }[]
    expect(entries.length).toBeLessThan(70)
    expect(entries.reduce((sum, { n }) => sum + n, 0)).toBe(81)
    expect(await db.doctor()).toMatchObject({ healthy: true, findings: [] })
  })

  test('a picture is cut, its tiles are worked upon, and one function puts them together', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    const scans = await db.createTable('scans', { picture: t.image() })
    const parts = await db
      .createView('tiles', { of: scans, iterate: (scan) => tiles(scan.picture, { width: 16, height: 16, format: 'png' }) })
      .addComputedColumn('small', (tile) => image.resize(tile.image, { width: 8, height: 8, format: 'png' }))
    const told = await scans
      .addComputedColumn('sheet', (scan) => sheet(parts.of(scan).collect((tile) => tile.small)))
      .addComputedColumn('darkest', (scan) => parts.of(scan).min((tile) => tile.left))
    const picture = await sharp({ create: { width: 48, height: 16, channels: 3, background: '#d33' } })
      .png()
      .toBuffer()
    sheets = 0
    await told.insert([{ picture }, { picture }])
    await db.settled()
    const [row] = await told
      .ready()
      .select((scan) => ({ sheet: scan.sheet, width: scan.sheet.width, darkest: scan.darkest }))
      .execute()
    expect(row).toMatchObject({ width: 24, darkest: 0 })
    expect(await sharp(await row!.sheet.bytes()).metadata()).toMatchObject({ width: 24, height: 8 })
    expect(sheets).toBe(2)
    expect(await db.doctor()).toMatchObject({ healthy: true, findings: [] })
  })

  test('two fan-outs are joined by one assembly, called once for each row and again for what changed', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target, { worker: true })
    const posts = await db.createTable('posts', { body: t.text() })
    const rows = await db.createView('lines', { of: posts, iterate: (post) => lines(post.body) }).addComputedColumn('size', (line) => measure(line.line))
    const words = await db.createView('words', { of: posts, iterate: (post) => split(post.body) }).addComputedColumn('size', (word) => measure(word.word))
    const told = await posts.addComputedColumn('both', (post) =>
      assemble(
        rows.of(post).collect((line) => line.size),
        words.of(post).collect((word) => word.size),
      ),
    )
    assembled = 0
    await told.insert(Array.from({ length: 50 }, (_, at) => ({ body: `a${at} b\nc d e` })))
    await db.settled()
    expect(assembled).toBe(50)
    await told.where((post) => post._id.lte(10)).update({ body: 'x\nyy' })
    await db.settled()
    expect(assembled).toBe(60)
    expect(
      await told
        .where((post) => post._id.in([1, 50]))
        .orderBy((post) => post._id)
        .select((post) => ({ both: post.both }))
        .execute(),
    ).toEqual([{ both: '1+2 and 4' }, { both: '5+5 and 3+3+1+1' }])
    expect(await db.doctor()).toMatchObject({ healthy: true, findings: [] })
  })
})
