import { spawn, type ChildProcess } from 'node:child_process'
import { chown, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { isProcessAlive } from './is-process-alive.ts'
import { runCommand } from './run-command.ts'
import { isReachableByServer, serverAccount } from './server-account.ts'
import { findPsql, serverBinaries } from './server-binaries.ts'
import { ServerUnavailableError } from './server-unavailable-error.ts'

export interface ServerOptions {
  /** Whether commits wait for the disk; off by default: a test's data need not outlive the machine. */
  readonly fsync?: boolean
  /** Keeps the server and its data when this process ends, for a look at what a test left. */
  readonly keep?: boolean
}

export interface Server extends AsyncDisposable {
  /** postgres://…/postgres, through a unix socket unless the server was given by VIVANT_TEST_DATABASE. */
  readonly url: string
  /** The path of a psql that fits it. */
  readonly psql: string
  /** The server's process, if it is ours. */
  readonly pid: number | undefined
  stop(): Promise<void>
}

const settings = {
  listen_addresses: '',
  max_connections: '200',
  shared_buffers: '256MB',
  // Tests wait for what they need by themselves; a background job of the server only adds noise to what they measure.
  autovacuum_naptime: '10s',
}
const folderPrefix = 'vivant-postgres-'

/**
 * A PostgreSQL server with pgvector for tests: the one that VIVANT_TEST_DATABASE names, else a new one with a data folder of its own.
 * Throws ServerUnavailableError where none can be had.
 */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const given = process.env['VIVANT_TEST_DATABASE']
  if (given) return givenServer(given)
  const { bin } = await serverBinaries()
  const temporary = (await isReachableByServer(tmpdir())) ? tmpdir() : '/tmp'
  await removeAbandonedFolders(temporary)
  // The process's id in the name tells later runs whether the folder is still in use.
  const folder = await mkdtemp(join(temporary, `${folderPrefix}${process.pid}-`))
  if (serverAccount) await chown(folder, serverAccount.uid, serverAccount.gid)
  await initialise(bin, folder)
  const server = spawnServer(bin, folder, options)
  const url = `postgres://postgres@${encodeURIComponent(folder)}/postgres`
  const stop = async () => {
    await stopProcess(server.child)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await waitUntilReady(url, server)
  } catch (error) {
    await stop()
    throw error
  }
  return { url, psql: join(bin, 'psql'), pid: server.child.pid, stop, [Symbol.asyncDispose]: stop }
}

async function initialise(bin: string, folder: string): Promise<void> {
  const args = ['-D', join(folder, 'data'), '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C.UTF-8']
  try {
    await runCommand(join(bin, 'initdb'), args, { ...serverAccount, cwd: folder })
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    const reason = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error)
    throw new ServerUnavailableError(`initdb failed (${reason})`, 'set VIVANT_TEST_DATABASE to the URL of a server with pgvector', { cause: error })
  }
}

async function givenServer(url: string): Promise<Server> {
  const stop = async () => {}
  await connectOnce(url).catch((error: unknown) => {
    throw new ServerUnavailableError(`the server of VIVANT_TEST_DATABASE does not answer: ${String(error)}`, 'start it, or unset the variable', {
      cause: error,
    })
  })
  return { url, psql: await findPsql(), pid: undefined, stop, [Symbol.asyncDispose]: stop }
}

interface RunningServer {
  readonly child: ChildProcess
  /** What it has written so far. */
  readonly log: () => string
}

function spawnServer(bin: string, folder: string, { fsync = false, keep = false }: ServerOptions): RunningServer {
  const durability: { readonly [name: string]: string } = fsync ? {} : { fsync: 'off', full_page_writes: 'off' }
  const all = { ...settings, ...durability, unix_socket_directories: folder }
  const args = ['-D', join(folder, 'data'), ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
  const program = join(bin, 'postgres')
  // Where the system can, the server goes down with this process, however that ends. Only setpriv keeps this across the change of account.
  const withParent = process.platform === 'linux' && !keep
  const account = serverAccount ? [`--reuid=${serverAccount.uid}`, `--regid=${serverAccount.gid}`, '--clear-groups'] : []
  const child = withParent
    ? spawn('setpriv', [...account, '--pdeathsig', 'INT', program, ...args], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
    : spawn(program, args, { ...serverAccount, cwd: folder, detached: keep, stdio: ['ignore', 'ignore', keep ? 'ignore' : 'pipe'] })
  let log = ''
  child.on('error', (error) => (log += String(error)))
  child.stderr?.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-10_000)))
  // The server must not keep this process from ending: it is stopped by whoever started it.
  child.unref()
  if (child.stderr instanceof Socket) child.stderr.unref()
  return { child, log: () => log }
}

async function waitUntilReady(url: string, { child, log }: RunningServer): Promise<void> {
  const deadline = Date.now() + 60_000
  for (;;) {
    if (child.exitCode !== null || child.pid === undefined) throw new ServerUnavailableError('PostgreSQL did not start', log())
    const failure = await connectOnce(url).then(
      () => undefined,
      (error: unknown) => error,
    )
    if (!failure) return
    if (Date.now() > deadline) throw new ServerUnavailableError('PostgreSQL did not answer within 60 s', log(), { cause: failure })
    await setTimeout(30)
  }
}

async function connectOnce(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  try {
    await client.connect()
    await client.query('select 1')
  } finally {
    await client.end().catch(() => {})
  }
}

/** SIGINT is PostgreSQL's fast shutdown: it ends the sessions and does not wait for them. */
async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const closed = new Promise((resolve) => child.once('exit', resolve))
  child.ref()
  child.kill('SIGINT')
  const stopped = await Promise.race([closed.then(() => true), setTimeout(20_000, false, { ref: false })])
  if (!stopped) {
    child.kill('SIGQUIT')
    await closed
  }
}

async function removeAbandonedFolders(temporary: string): Promise<void> {
  for (const name of await readdir(temporary)) {
    if (!name.startsWith(folderPrefix)) continue
    const owner = Number(name.slice(folderPrefix.length).split('-')[0])
    // A server that was kept outlives its owner.
    const server = Number.parseInt(await readFile(join(temporary, name, 'data', 'postmaster.pid'), 'utf8').catch(() => '0'))
    if (isProcessAlive(owner) || (server > 0 && isProcessAlive(server))) continue
    await rm(join(temporary, name), { recursive: true, force: true }).catch(() => {})
  }
}
