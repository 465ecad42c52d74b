import { access, copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { packageSource, type PackageSource, unpackPackages } from '../debian/unpack-packages.ts'
import { lockFolder } from './lock-folder.ts'
import { runCommand } from './run-command.ts'
import { isReachableByServer } from './server-account.ts'
import { ServerUnavailableError } from './server-unavailable-error.ts'

const how =
  'set VIVANT_TEST_DATABASE to the URL of a PostgreSQL >= 15 with pgvector >= 0.8, or install both (Debian 13: apt-get install postgresql-17-pgvector)'

/** Where the dynamic loader lies in the packages, by the architecture as Node calls it. */
const loaders: { readonly [arch: string]: string | undefined } = {
  x64: 'usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2',
  arm64: 'usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1',
}

/**
 * PostgreSQL 17 and pgvector from Debian's or Ubuntu's packages, unpacked into the cache folder: nothing is installed and no root is needed.
 * Kept for later runs. Returns the folder of the programs.
 */
export async function unpackDebianPackages(): Promise<string> {
  const folder = join(await cacheFolder(), 'postgres-17')
  const bin = join(folder, 'usr/lib/postgresql/17/bin')
  if (await exists(bin)) return bin
  const distribution = await findDistribution()
  const loader = loaders[process.arch]
  if (!loader) throw new ServerUnavailableError(`no packages for ${process.arch} are known here`, how)
  await mkdir(dirname(folder), { recursive: true })
  await using _lock = await lockFolder(`${folder}.lock`)
  if (await exists(bin)) return bin
  const staging = await mkdtemp(`${folder}.new-`)
  try {
    await unpackPackages(distribution, ['postgresql-17-pgvector', 'patchelf'], staging)
    await useOwnLoader(join(staging, 'root'), folder, loader)
    await runCommand('chmod', ['-R', 'a+rX', staging])
    // In place only when whole: a run that is killed in between leaves nothing that looks ready.
    await rename(join(staging, 'root'), folder)
  } catch (error) {
    throw new ServerUnavailableError(`PostgreSQL could not be unpacked from packages: ${firstLine(error)}`, how, { cause: error })
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
  return bin
}

/** The user's cache folder, or the machine's where the server's account cannot enter the user's (root's home). */
async function cacheFolder(): Promise<string> {
  const own = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'vivant')
  return (await isReachableByServer(own)) ? own : '/var/cache/vivant'
}

async function findDistribution(): Promise<PackageSource> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(release)?.[1]
  const distribution = byId(field('ID'), field('VERSION_ID'), field('VERSION_CODENAME'))
  const uri = distribution && (await packageSource(distribution.address))
  if (!distribution || !uri)
    throw new ServerUnavailableError(`no PostgreSQL with pgvector is installed, and ${field('PRETTY_NAME') ?? process.platform} has no packages of it`, how)
  return { ...distribution, uri }
}

type Distribution = Omit<PackageSource, 'uri'> & { readonly address: RegExp }

function byId(id: string | undefined, version = '', codename = ''): Distribution | undefined {
  // Debian 12 has PostgreSQL 15 without pgvector: Debian 13's run there too, with the C library that comes with them.
  if (id === 'debian') {
    const suite = Number(version) > 0 && Number(version) <= 12 ? 'trixie' : codename
    return { suite, components: 'main', keyring: '/usr/share/keyrings/debian-archive-keyring.gpg', address: /https?:\/\/\S+\/debian\/?(?=\s|$)/ }
  }
  if (id === 'ubuntu') {
    return {
      suite: codename,
      components: 'main universe',
      keyring: '/usr/share/keyrings/ubuntu-archive-keyring.gpg',
      address: /https?:\/\/\S+\/ubuntu\S*?\/?(?=\s|$)/,
    }
  }
  return undefined
}

/** Points the programs at the dynamic loader and libraries that were unpacked with them, as the host's may be older than they need. */
async function useOwnLoader(root: string, folder: string, loader: string): Promise<void> {
  const libraries = dirname(loader)
  const ownLoader = join(root, loader)
  // patchelf cannot rewrite the file that runs it, hence a copy; it is run by the loader as it needs those libraries itself.
  const patchelf = join(root, '..', 'patchelf')
  await copyFile(join(root, 'usr/bin/patchelf'), patchelf)
  for (const name of ['initdb', 'postgres', 'pg_ctl', 'psql', 'pg_config', 'pg_dump']) {
    const program = join(root, 'usr/lib/postgresql/17/bin', name)
    if (!(await exists(program))) continue
    const paths = ['--set-interpreter', join(folder, loader), '--force-rpath', '--set-rpath', join(folder, libraries)]
    await runCommand(ownLoader, ['--library-path', join(root, libraries), patchelf, ...paths, program])
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

function firstLine(error: unknown): string {
  const lines = String(error instanceof Error ? error.message : error).split('\n')
  return lines.find((line) => line.startsWith('E:')) ?? lines[0] ?? ''
}
