import { access, chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { lookForDecoder, type VideoDecoder } from '@vivant/media'
import { packageSource, unpackPackages } from '../debian/unpack-packages.ts'
import { lockFolder } from '../postgres/lock-folder.ts'

const libraries: { readonly [arch: string]: string | undefined } = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }

/**
 * The system's FFmpeg: the one that VIVANT_FFMPEG names or that is on PATH, else, on Debian and Ubuntu, one unpacked from
 * their packages into the cache folder. A text where there is none: why.
 */
export async function systemFfmpeg(): Promise<VideoDecoder | string> {
  const installed = await lookForDecoder(process.env)
  if (installed.name === 'ffmpeg') return installed
  try {
    return await lookForDecoder({ VIVANT_FFMPEG: await unpackFfmpeg() })
  } catch (error) {
    return `system FFmpeg not tested: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}; install ffmpeg or name it with VIVANT_FFMPEG`
  }
}

async function unpackFfmpeg(): Promise<string> {
  const folder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'vivant', 'ffmpeg')
  const program = join(folder, 'bin', 'ffmpeg')
  if (await exists(program)) return program
  const source = await distributionSource()
  await mkdir(dirname(folder), { recursive: true })
  await using _lock = await lockFolder(`${folder}.lock`)
  if (await exists(program)) return program
  const staging = await mkdtemp(`${folder}.new-`)
  try {
    // Their C library is the host's own: only what is not installed comes.
    await unpackPackages(source, ['ffmpeg'], staging, { useInstalled: true })
    await writePrograms(join(staging, 'root'), folder)
    await rename(join(staging, 'root'), folder)
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
  return program
}

async function distributionSource(): Promise<Parameters<typeof unpackPackages>[0]> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const field = (name: string): string => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(release)?.[1] ?? ''
  const id = field('ID')
  const uri = await packageSource(id === 'ubuntu' ? /https?:\/\/\S+\/ubuntu\S*?\/?(?=\s|$)/ : /https?:\/\/\S+\/debian\/?(?=\s|$)/)
  if (!['debian', 'ubuntu'].includes(id) || !uri) throw new Error(`there is none, and no packages of it for ${field('PRETTY_NAME') || process.platform}`)
  return {
    suite: field('VERSION_CODENAME'),
    components: id === 'ubuntu' ? 'main universe' : 'main',
    keyring: `/usr/share/keyrings/${id}-archive-keyring.gpg`,
    uri,
  }
}

/** Scripts that start the programs with the libraries that were unpacked beside them. */
async function writePrograms(root: string, folder: string): Promise<void> {
  const place = libraries[process.arch]
  if (!place) throw new Error(`there is none, and no packages for ${process.arch} are known here`)
  const lib = join(folder, 'usr/lib', place)
  const path = [lib, ...['pulseaudio', 'blas', 'lapack'].map((name) => join(lib, name))].join(':')
  await mkdir(join(root, 'bin'))
  for (const name of ['ffmpeg', 'ffprobe']) {
    const script = join(root, 'bin', name)
    await writeFile(script, `#!/bin/sh\nLD_LIBRARY_PATH='${path}' exec '${join(folder, 'usr/bin', name)}' "$@"\n`)
    await chmod(script, 0o755)
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
