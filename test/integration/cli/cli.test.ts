import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCli } from '@vivant/cli'
import { connect, t } from 'vivant'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createServerDatabase, type ServerDatabase } from '../../postgres/server-database.ts'
import { pollUntil } from '../../support/poll-until.ts'
import * as pipeline from './fixtures/pipeline.ts'

const main = fileURLToPath(new URL('../../../packages/cli/src/main.ts', import.meta.url))
const service = fileURLToPath(new URL('../../../services/worker/src/index.ts', import.meta.url))
const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
const flags = ['--conditions=source', '--disable-warning=ExperimentalWarning']

interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = tmpdir()): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [...flags, ...args], { cwd, env: { ...process.env, DATABASE_URL: '', ...env } }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    )
  })
}

const vivant = (...args: string[]): Promise<Outcome> => run([main, ...args])

/** In this process, for command lines that are refused before anything is done. */
async function refused(...args: string[]): Promise<Omit<Outcome, 'stdout'>> {
  let stderr = ''
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => (stderr += String(text)).length > 0)
  const code = await runCli(args).finally(() => write.mockRestore())
  return { code, stderr }
}

/** A worker process, and what it said. */
class WorkerProcess implements AsyncDisposable {
  output = ''
  readonly child: ChildProcess
  readonly ended: Promise<number | null>

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, [...flags, ...args], { env: { ...process.env, DATABASE_URL: '', ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    const keep = (chunk: Buffer): void => void (this.output += chunk.toString())
    this.child.stdout!.on('data', keep)
    this.child.stderr!.on('data', keep)
    this.ended = new Promise((resolve) => this.child.once('close', resolve))
  }

  async ready(): Promise<void> {
    await pollUntil(`a worker that is ready; it said: ${this.output}`, async () => {
      if (this.child.exitCode !== null) throw new Error(`the worker ended: ${this.output}`)
      return this.output.includes('is ready')
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL')
    await this.ended
  }
}

const serverUrl = process.env['VIVANT_TEST_SERVER_URL']

describe.skipIf(!serverUrl)('the vivant command on a server', () => {
  let database: ServerDatabase
  const psql = (sql: string): Promise<string> =>
    new Promise((resolve, reject) => {
      execFile(process.env['VIVANT_TEST_PSQL']!, ['--no-psqlrc', '-Atc', sql, database.url], (error, stdout, stderr) =>
        error ? reject(new Error(stderr)) : resolve(stdout.trim()),
      )
    })
  beforeAll(async () => {
    database = await createServerDatabase(serverUrl!)
  })
  afterAll(async () => {
    await database.drop()
  })

  test('migrate brings the schema, and says so once', async () => {
    const first = await vivant('migrate', '--url', database.url)
    expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Applied 0001/u) as string })
    expect(await vivant('migrate', '--url', database.url)).toMatchObject({ code: 0, stdout: 'The database is up to date.\n' })
    expect(JSON.parse((await vivant('migrate', '--json', '--url', database.url)).stdout)).toEqual({ applied: [] })
  })

  test('media: what there is, and what nothing refers to', async () => {
    const media = await mkdtemp(join(tmpdir(), 'vivant-cli-media-'))
    {
      await using db = await connect(database.url, { media: { store: media } })
      const files = await db.createTable('files', { file: t.file() })
      await files.insert([{ file: Buffer.from('hello') }, { file: Buffer.from('again') }])
      await files.where((row) => row._id.eq(1)).delete()
    }
    const gc = (...args: string[]): Promise<Outcome> => vivant('media', 'gc', '--url', database.url, '--media', media, ...args)
    expect((await vivant('media', 'stats', '--url', database.url)).stdout).toMatch(/text\/plain +2 +10 B/u)
    expect((await gc('--dry-run', '--offline')).stdout).toContain('1 medium (5 B) would be deleted')
    expect((await gc('--grace', '1h')).stdout).toContain('0 media (0 B) condemned')
    expect(await gc('--grace', '10')).toMatchObject({ code: 2, stderr: expect.stringContaining('--grace takes a time') as string })
    expect(JSON.parse((await gc('--offline', '--json')).stdout)).toMatchObject({ dryRun: false, collected: { count: 1, bytes: 5 } })
    expect(await gc('--media', join(media, 'elsewhere'))).toMatchObject({ code: 2, stderr: expect.stringContaining('none of the media') as string })
    await rm(media, { recursive: true })
  })

  test('an insert by psql is computed by a worker process; it drains on SIGTERM', async () => {
    await using worker = new WorkerProcess([main, 'worker', fixture('pipeline.ts'), '--define', '--url', database.url])
    await worker.ready()
    await psql('insert into items (n) select i from generate_series(1, 100) i')
    await pollUntil('100 computed cells', async () => (await psql('select count(*) from live.items where twice = n * 2')) === '100')

    const status = await vivant('status', '--url', database.url)
    expect(status).toMatchObject({ code: 0, stderr: '' })
    expect(status.stdout).toMatch(/items \(100 rows\) +twice +100 /u)
    expect(status.stdout).toContain('1 worker:')
    const json = JSON.parse((await vivant('status', '--json', '--url', database.url)).stdout) as { readonly workers: readonly { readonly pid: number }[] }
    expect(json.workers.map(({ pid }) => pid)).toEqual([worker.child.pid])

    // a cell is under way: it is finished before the process ends
    await psql('insert into items (n, ms) values (1000, 1500)')
    await pollUntil('a task under way', async () => (await psql('select count(*) from vivant.task where owner is not null')) === '1')
    worker.child.kill('SIGTERM')
    expect(await worker.ended).toBe(0)
    expect(worker.output).toContain('drains')
    expect(await psql('select slept from live.items where n = 1000')).toBe('1500')
    expect(await psql('select count(*) from vivant.worker')).toBe('0')
  })

  test('a second signal ends it at once, and nothing is lost', async () => {
    await using worker = new WorkerProcess([main, 'worker', fixture('pipeline.ts'), '--url', database.url])
    await worker.ready()
    await psql('insert into items (n, ms) values (2000, 30000)')
    await pollUntil('a task under way', async () => (await psql('select count(*) from vivant.task where owner is not null')) === '1')
    worker.child.kill('SIGINT')
    await pollUntil('draining', async () => worker.output.includes('drains'))
    worker.child.kill('SIGINT')
    expect(await worker.ended).toBe(130)
    expect(await psql('select count(*) from vivant.task')).not.toBe('0')
    await psql(`delete from items where n = 2000; delete from vivant.task where kind <> 'sweep'; delete from vivant.worker`)
  })

  test('the service reads the environment, logs JSON and drains', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vivant-service-'))
    try {
      await using worker = new WorkerProcess([service], { DATABASE_URL: database.url, VIVANT_MODULES: fixture('pipeline.ts'), VIVANT_MEDIA: folder })
      await worker.ready()
      await psql('insert into items (n) values (3000)')
      await pollUntil('a computed cell', async () => (await psql('select twice from live.items where n = 3000')) === '6000')
      worker.child.kill('SIGTERM')
      expect(await worker.ended).toBe(0)
      const lines = worker.output
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { readonly msg: string })
      expect(lines.map(({ msg }) => msg)).toContain('The worker has ended.')
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
    expect(await run([service])).toMatchObject({ code: 2, stdout: expect.stringContaining('DATABASE_URL is not set') as string })
    expect(await run([service], { DATABASE_URL: database.url })).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('/app/pipeline/pipeline.ts') as string,
    })
    expect(await run([service, fixture('pipeline.ts')], { DATABASE_URL: database.url, VIVANT_SLOTS: 'many' })).toMatchObject({ code: 2 })
  })

  test('status says what waits when no worker runs; doctor finds and mends what is lost', async () => {
    await psql('insert into items (n) values (4000)')
    const status = await vivant('status', '--url', database.url)
    expect(status.stdout).toContain('No worker is running')
    expect(status.stdout).toContain('items.twice waits')
    expect(await vivant('doctor', '--url', database.url)).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing is amiss') as string })
    await psql('delete from vivant.task')
    const sick = await vivant('doctor', '--url', database.url)
    expect(sick).toMatchObject({ code: 1, stdout: expect.stringContaining('uncovered') as string })
    expect(sick.stdout).toContain('vivant doctor --repair')
    expect(await vivant('doctor', '--repair', '--url', database.url)).toMatchObject({ code: 0, stdout: expect.stringContaining('mended') as string })
    expect(JSON.parse((await vivant('doctor', '--json', '--url', database.url)).stdout)).toMatchObject({ healthy: true, findings: [] })
  })
})

describe('the vivant command', () => {
  test('says what is wrong with a command line, and exits with 2', async () => {
    for (const args of [['nope'], ['status', '--nope'], ['worker'], ['worker', 'x.ts', '--slots'], ['status', 'extra']])
      expect(await refused(...args), args.join(' ')).toMatchObject({ code: 2, stderr: expect.stringContaining('error: ') as string })
    const pipe = fixture('pipeline.ts')
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [['worker', pipe, '--slots', 'two', '--url', 'memory:'], /--slots takes a whole number/u],
      [['worker', pipe, '--pools', 'a,,b', '--url', 'memory:'], /--pools takes names/u],
      [['status', '--url', 'mysql://localhost/x'], /postgres:\/\//u],
      [['doctor', '--url', main], /is not a folder/u],
    ]
    for (const [args, reason] of wrong) {
      const { code, stderr } = await refused(...args)
      expect(code, args.join(' ')).toBe(2)
      expect(stderr).toMatch(reason)
    }
  })

  test('says what is wrong with a module or a setting, without a stack, and exits with 2', async () => {
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [['worker', './nowhere.ts', '--url', 'memory:'], /There is no module \.\/nowhere\.ts/u],
      [['worker', fixture('broken.ts'), '--url', 'memory:'], /broken\.ts cannot be imported: .*all/u],
      [['worker', fixture(''), '--url', 'memory:'], /it is a folder/u],
      [['status'], /Give --url/u],
    ]
    for (const [args, reason] of wrong) {
      const { code, stderr } = await vivant(...args)
      expect(code, args.join(' ')).toBe(2)
      expect(stderr).toMatch(reason)
      expect(stderr).not.toMatch(/\n {4}at /u)
    }
  })

  test('a database that cannot be reached is said without its password, and exits with 3', async () => {
    const { code, stderr } = await vivant('status', '--url', 'postgres://me:hush@localhost:1/x')
    expect(code).toBe(3)
    expect(stderr).toMatch(/cannot be reached: .*ECONNREFUSED/u)
    expect(stderr).not.toContain('hush')
  })

  test('works on an embedded folder, which belongs to one process at a time', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vivant-cli-'))
    try {
      {
        await using db = await connect(folder, { define: pipeline })
        await db.items.insert([{ n: 4 }], { wait: true })
        expect(await vivant('status', '--url', folder)).toMatchObject({ code: 3, stderr: expect.stringContaining(`process ${process.pid}`) as string })
      }
      const status = await vivant('status', '--url', folder)
      expect(status.stdout).toMatch(/items \(1 rows?\) +twice +1 /u)
      await using worker = new WorkerProcess([main, 'worker', fixture('pipeline.ts'), '--json', '--url', folder])
      await worker.ready()
      worker.child.kill('SIGTERM')
      expect(await worker.ended).toBe(0)
      expect(await vivant('doctor', '--url', folder)).toMatchObject({ code: 0 })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})

test('a worker’s process is set up for pictures, before its modules are loaded', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vivant-worker-'))
  try {
    // made here, as a process's first embedded database takes seconds
    await (await connect(folder)).close()
    await using worker = new WorkerProcess([main, 'worker', fixture('sharp-settings.ts'), '--url', folder])
    await worker.ready()
    expect(worker.output).toContain('sharp: {"threads":1,"cacheMb":0}')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
