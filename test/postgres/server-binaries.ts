import { access, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from './run-command.ts'
import { ServerUnavailableError } from './server-unavailable-error.ts'
import { isReachableByServer } from './server-account.ts'
import { unpackDebianPackages } from './unpack-debian-packages.ts'

export interface ServerBinaries {
  /** The folder of `postgres`, `initdb` and `psql`. */
  readonly bin: string
}

const oldestPostgres = 15
const oldestPgvector = [0, 8, 0] as const

/** Programs of a PostgreSQL with pgvector: the newest that is installed, or one unpacked from the system's packages into the cache folder. */
export async function serverBinaries(): Promise<ServerBinaries> {
  return (await installedBinaries()) ?? { bin: await unpackDebianPackages() }
}

async function installedBinaries(): Promise<ServerBinaries | undefined> {
  const debian = await readdir('/usr/lib/postgresql').catch((): string[] => [])
  const folders = debian.toSorted((a, b) => Number(b) - Number(a)).map((version) => join('/usr/lib/postgresql', version, 'bin'))
  const onPath = await runCommand('pg_config', ['--bindir']).catch(() => '')
  for (const bin of [...folders, onPath.trim()].filter(Boolean)) {
    if (await isUsable(bin)) return { bin }
  }
  return undefined
}

async function isUsable(bin: string): Promise<boolean> {
  try {
    await Promise.all(['postgres', 'initdb', 'psql'].map((name) => access(join(bin, name))))
    const pgConfig = join(bin, 'pg_config')
    const [version, shareFolder] = await Promise.all([runCommand(pgConfig, ['--version']), runCommand(pgConfig, ['--sharedir'])])
    const control = await readFile(join(shareFolder.trim(), 'extension', 'vector.control'), 'utf8')
    const pgvector = /default_version = '(\d+)\.(\d+)\.(\d+)'/.exec(control)?.slice(1).map(Number) ?? []
    return Number(/\d+/.exec(version)?.[0]) >= oldestPostgres && !isOlder(pgvector, oldestPgvector) && (await isReachableByServer(bin))
  } catch {
    return false
  }
}

function isOlder(version: readonly number[], than: readonly number[]): boolean {
  for (const [index, part] of than.entries()) {
    const own = version[index] ?? 0
    if (own !== part) return own < part
  }
  return false
}

/** psql for a server that is not ours: beside the installed programs, else the one on PATH. */
export async function findPsql(): Promise<string> {
  const binaries = await serverBinaries().catch((error: unknown) => {
    if (error instanceof ServerUnavailableError) return undefined
    throw error
  })
  return binaries ? join(binaries.bin, 'psql') : 'psql'
}
