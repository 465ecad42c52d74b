import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from '../postgres/run-command.ts'

/** Where packages come from. */
export interface PackageSource {
  readonly suite: string
  readonly components: string
  readonly keyring: string
  readonly uri: string
}

/** The address that this machine gets its own packages from. */
export async function packageSource(address: RegExp): Promise<string | undefined> {
  const parts = await readdir('/etc/apt/sources.list.d').catch((): string[] => [])
  const paths = ['/etc/apt/sources.list', ...parts.toSorted().map((name) => join('/etc/apt/sources.list.d', name))]
  for (const path of paths) {
    const lines = (await readFile(path, 'utf8').catch(() => '')).split('\n').filter((line) => !line.trimStart().startsWith('#'))
    const found = address.exec(lines.join('\n'))
    if (found) return found[0]
  }
  return undefined
}

/**
 * Downloads packages with all that they need and unpacks them under `root` in a folder. Nothing is installed and no root is
 * needed. Where what is installed counts as there already, only what is missing comes; else everything, the C library too.
 */
export async function unpackPackages(
  source: PackageSource,
  names: readonly string[],
  staging: string,
  { useInstalled = false }: { readonly useInstalled?: boolean } = {},
): Promise<void> {
  const at = (...path: string[]) => join(staging, ...path)
  await Promise.all(['lists/partial', 'cache/archives/partial', 'root'].map((path) => mkdir(at(path), { recursive: true })))
  await writeFile(at('sources.list'), `deb [signed-by=${source.keyring}] ${source.uri} ${source.suite} ${source.components}\n`)
  await writeFile(at('status'), '')
  // apt-get with all of its state in the staging folder.
  const settings = {
    'Dir::Etc::SourceList': at('sources.list'),
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State': staging,
    'Dir::State::Lists': at('lists'),
    'Dir::State::status': useInstalled ? '/var/lib/dpkg/status' : at('status'),
    'Dir::Cache': at('cache'),
    'APT::Install-Recommends': 'false',
    'APT::Sandbox::User': '',
    'Debug::NoLocking': '1',
  }
  const options = ['-qq', ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])]
  await runCommand('apt-get', [...options, 'update'])
  await runCommand('apt-get', [...options, 'install', '-y', '--download-only', ...names])
  const archives = await readdir(at('cache/archives'))
  for (const archive of archives.filter((name) => name.endsWith('.deb'))) await runCommand('dpkg', ['-x', at('cache/archives', archive), at('root')])
}
