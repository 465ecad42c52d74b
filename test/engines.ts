import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, type RunnerTask } from 'vitest'
import { createServerDatabase, type ServerDatabase } from './postgres/server-database.ts'

/** Where a test's database is. */
export interface TestDatabase extends AsyncDisposable {
  /** What `connect()` takes. */
  readonly target: string
  /** The database's URL, on the server. */
  readonly url?: string
}

export interface TestDatabaseOptions {
  /** On the embedded engine a folder, which can be opened again, instead of memory. On the server it makes no difference. */
  readonly folder?: boolean
}

export interface Engine {
  readonly name: 'embedded' | 'server'
  /** A new, empty database. On the server it has the extension `vector` and is checked for connections left open when the suite ends. */
  database(options?: TestDatabaseOptions): Promise<TestDatabase>
}

/**
 * Runs a suite on every engine there is: the embedded one, and the server unless none could be had (see postgres/global-setup.ts).
 * Databases of a suite in which a test failed are kept; on a server that the run started, only with VIVANT_TEST_KEEP=1.
 */
export function describeEngines(name: string, suite: (engine: Engine) => void): void {
  describe(`${name} (embedded)`, () => suite(embedded))
  const serverUrl = process.env['VIVANT_TEST_SERVER_URL']
  describe.skipIf(!serverUrl)(`${name} (server)`, () => suite(serverEngine(serverUrl ?? '')))
}

const embedded: Engine = {
  name: 'embedded',
  async database({ folder = false } = {}) {
    if (!folder) return { target: 'memory:', [Symbol.asyncDispose]: async () => {} }
    const target = await mkdtemp(join(tmpdir(), 'vivant-test-'))
    return { target, [Symbol.asyncDispose]: () => rm(target, { recursive: true, force: true }) }
  },
}

function serverEngine(serverUrl: string): Engine {
  const databases: ServerDatabase[] = []
  // A database is dropped after the suite, not where the test lets go of it: only then is it known whether the test failed.
  afterAll(async ({}, suite) => {
    const left = databases.splice(0)
    if (suite.tasks.some(hasFailed)) {
      for (const database of left) console.log(`Kept for a look: ${database.url}`)
      return
    }
    for (const database of left) await database.drop()
  })
  return {
    name: 'server',
    async database() {
      const database = await createServerDatabase(serverUrl)
      databases.push(database)
      return { target: database.url, url: database.url, [Symbol.asyncDispose]: async () => {} }
    },
  }
}

function hasFailed(task: RunnerTask): boolean {
  return task.result?.state === 'fail' || (task.type === 'suite' && task.tasks.some(hasFailed))
}
