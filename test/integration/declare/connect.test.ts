import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { connect, t, table, udf, type LoggerLike } from 'vivant'
import { describeEngines } from '../../engines.ts'

const code = (expected: string): unknown => expect.objectContaining({ code: expected }) as unknown

describe('a target that cannot be opened is refused with a reason', () => {
  test.each([
    ['mysql://localhost/x', 'CONFIGURATION_INVALID', 'not mysql://'],
    ['postgres://user:secret@:x:y/z', 'CONFIGURATION_INVALID', 'cannot be read'],
    ['', 'CONFIGURATION_INVALID', 'a folder'],
  ])('%j', async (target, expected, message) => {
    const error: Error = await connect(target).then(
      () => expect.unreachable(),
      (reason: Error) => reason,
    )
    expect(error).toEqual(code(expected))
    expect(error.message).toContain(message)
    expect(error.message).not.toContain('secret')
  })

  test('a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vivant-test-'))
    await writeFile(join(folder, 'file'), '')
    await expect(connect(join(folder, 'file'))).rejects.toThrow('is not a folder')
    await expect(connect(join(folder, 'file', 'below'))).rejects.toThrow('a part of the path is a file')
    await rm(folder, { recursive: true })
  })

  test('a server that is not there', async () => {
    await using closed = await closedPort()
    await expect(connect(`postgres://127.0.0.1:${closed.port}/x`)).rejects.toEqual(code('DATABASE_UNREACHABLE'))
  })

  test('an aborted signal', async () => {
    await expect(connect('memory:', { signal: AbortSignal.abort() })).rejects.toEqual(code('ABORTED'))
  })

  test('a definition named like a method', async () => {
    const status = table('status', { name: t.text() })
    await expect(connect('memory:', { define: { status } as never })).rejects.toThrow(
      "db.status is a method: export the definition of 'status' under another name",
    )
  })
})

test('a folder belongs to one process, which the error of a second names', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vivant-test-'))
  await using db = await connect(folder)
  await expect(connect(folder)).rejects.toThrow(/is open in this process/)
  const script = `import { connect } from 'vivant'; await connect(${JSON.stringify(folder)}).catch((error) => console.log(error.code, error.details.pid))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=source', '--input-type=module', '-e', script], { cwd: import.meta.dirname })
  expect(stdout.trim()).toBe(`DIRECTORY_LOCKED ${process.pid}`)
  await db.close()
  await (await connect(folder)).close()
  await rm(folder, { recursive: true })
})

test('without a target the database is in .vivant, and a process whose connecting failed ends', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vivant-test-'))
  const script = `import { connect, t, table } from ${JSON.stringify(import.meta.resolve('vivant'))}
const db = await connect()
await db.createTable('kept', { a: t.int() }); await db.createTable('other', { a: t.int() })
await db.close()
await connect(undefined, { define: { kept: table('kept', { b: t.int() }) } }).catch((error) => console.log(error.code, error.message))`
  const child = spawn(process.execPath, ['--conditions=source', '--input-type=module', '-e', script], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  const output = (await Array.fromAsync(child.stdout as AsyncIterable<Buffer>)).join('')
  expect(output).toContain('DROP_NOT_ALLOWED')
  expect(output).toContain('kept.a')
  await rm(folder, { recursive: true })
})

describeEngines('a connection', (engine) => {
  test('closes once, and says so afterwards', async () => {
    await using database = await engine.database()
    const db = await connect(database.target)
    const things = await db.createTable('things', { a: t.int() })
    await Promise.all([db.close(), db.close()])
    await expect(things.insert([{ a: 1 }])).rejects.toEqual(code('CLOSED'))
    await expect(db.tables()).rejects.toEqual(code('CLOSED'))
  })

  test('logs warnings to a logger of the user’s, message first or fields first', async () => {
    await using database = await engine.database({ folder: true })
    const gone = udf({ name: 'gone', input: [t.int()], output: t.int() }, (n) => n)
    {
      await using db = await connect(database.target, { worker: true })
      await db.createTable('things', { a: t.int() }).addComputedColumn('b', (thing) => gone(thing.a))
    }
    const lines: unknown[][] = []
    const logger: LoggerLike = { debug: () => {}, info: () => {}, warn: (...args: unknown[]) => void lines.push(args), error: () => {} }
    await (await connect(database.target, { worker: true, logger })).close()
    await (await connect(database.target, { worker: true, logger: Object.assign(logger, { bindings: () => ({}) }) })).close()
    expect(lines.map(([first]) => typeof first)).toEqual(['string', 'object'])
    expect(lines[0]![0]).toContain('does not have gone')
    // with the module that has it there is nothing to say
    await (await connect(database.target, { worker: true, logger, modules: [{ gone }] })).close()
    expect(lines).toHaveLength(2)
  })

  test('tables and live views are in the schemas that were chosen, by the first connection', async () => {
    await using database = await engine.database({ folder: true })
    {
      await using db = await connect(database.target, { schema: 'my "own"', live: 'views', worker: false })
      const things = await db.createTable('things', { a: t.int() }).addComputedColumn('b', (thing) => thing.a.add(1))
      await things.insert([{ a: 1 }])
      expect(await db.kysely.withSchema('views').selectFrom('things').select(['a', 'b']).execute()).toEqual([{ a: 1, b: 2 }])
      expect(await db.kysely.withSchema('my "own"').selectFrom('things').select(['a']).execute()).toEqual([{ a: 1 }])
    }
    await expect(connect(database.target, { live: 'live' })).rejects.toThrow('are in the schema "views", not "live"')
    await using db = await connect(database.target, { worker: false })
    expect(await db.tables()).toEqual([])
  })

  test.runIf(engine.name === 'server')('several programs may begin with an empty database at once', async () => {
    await using database = await engine.database()
    const count = udf({ name: 'count', input: [t.text()], output: t.int(), version: '1' }, (text) => text.length)
    const define = {
      posts: table('posts', { author: t.int().references('authors'), body: t.text() }).computed('length', (post) => count(post.body)),
      authors: table('authors', { name: t.text() }),
    }
    const all = await Promise.all(Array.from({ length: 5 }, () => connect(database.target, { define, worker: false })))
    expect((await all[0]!.tables()).map(({ name }) => name)).toEqual(['authors', 'posts'])
    expect(await all[1]!.plan(define)).toMatchObject({ created: [], altered: [], dropped: [], recomputed: [] })
    for (const db of all) await db.close()
  })

  test('a newer system schema is refused', async () => {
    await using database = await engine.database({ folder: true })
    const db = await connect(database.target)
    await db.kysely.withSchema('vivant').insertInto('migration').values({ name: '9999_future.sql', hash: 'x' }).execute()
    await db.close()
    await expect(connect(database.target)).rejects.toEqual(code('SCHEMA_NEWER'))
    // it is closed again: the folder is free
    await expect(connect(database.target)).rejects.toEqual(code('SCHEMA_NEWER'))
  })

  test.runIf(engine.name === 'server')('statements over many columns are not compiled, which would take seconds', async () => {
    await using database = await engine.database()
    await using db = await connect(database.target)
    expect(await db.kysely.selectNoFrom(sql<string>`current_setting('jit')`.as('jit')).execute()).toEqual([{ jit: 'off' }])
  })

  test.runIf(engine.name === 'server')('a pool of the user’s own stays open', async () => {
    await using database = await engine.database()
    const pool = new pg.Pool({ connectionString: database.target })
    const db = await connect(pool)
    await db.createTable('things', { a: t.int() })
    await db.close()
    expect((await pool.query('select count(*)::int as n from things')).rows).toEqual([{ n: 0 }])
    await pool.end()
  })
})

async function closedPort(): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => void server.close(resolve))
  return { port, [Symbol.asyncDispose]: async () => {} }
}
