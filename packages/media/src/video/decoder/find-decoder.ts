import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { VivantError } from '@vivant/core'
import { FfmpegDecoder } from './ffmpeg/ffmpeg-decoder.ts'
import { NodeAvDecoder } from './node-av/node-av-decoder.ts'
import type { VideoDecoder } from './video-decoder.ts'

/** `-fps_mode` came with it. */
const oldestFfmpeg = [5, 1] as const
const suffix = process.platform === 'win32' ? '.exe' : ''

let found: Promise<VideoDecoder> | undefined

/**
 * The decoder of this process, looked for once: the program that the environment variable `VIVANT_FFMPEG` names, else
 * `ffmpeg` on PATH (5.1 or newer, with `ffprobe` beside it), else the libraries that the package `node-av` brings.
 *
 * @throws CONFIGURATION_INVALID there is none, or VIVANT_FFMPEG names none
 */
export function findDecoder(): Promise<VideoDecoder> {
  found ??= lookForDecoder(process.env).catch((error: unknown) => {
    found = undefined
    throw error
  })
  return found
}

/** The same for given variables, afresh. */
export async function lookForDecoder(env: NodeJS.ProcessEnv): Promise<VideoDecoder> {
  const named = env['VIVANT_FFMPEG']
  if (named) {
    const decoder = await systemFfmpeg(named)
    if (decoder) return decoder
    throw new VivantError(
      'CONFIGURATION_INVALID',
      `VIVANT_FFMPEG is ${JSON.stringify(named)}, which is no FFmpeg ${oldestFfmpeg.join('.')} or newer with ffprobe beside it.`,
    )
  }
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const decoder = await systemFfmpeg(join(folder, `ffmpeg${suffix}`))
    if (decoder) return decoder
  }
  if (hasNodeAv()) return new NodeAvDecoder()
  throw new VivantError(
    'CONFIGURATION_INVALID',
    `No video decoder: install FFmpeg (${oldestFfmpeg.join('.')} or newer), or name it with VIVANT_FFMPEG. The package node-av has no binary for ${process.platform}-${process.arch} here.`,
  )
}

async function systemFfmpeg(ffmpeg: string): Promise<VideoDecoder | undefined> {
  const ffprobe = join(dirname(ffmpeg), `ffprobe${suffix}`)
  try {
    await Promise.all([access(ffmpeg, constants.X_OK), access(ffprobe, constants.X_OK)])
    const { stdout } = await promisify(execFile)(ffmpeg, ['-hide_banner', '-version'], { timeout: 10_000, windowsHide: true })
    return isRecent(stdout) ? new FfmpegDecoder({ ffmpeg, ffprobe }) : undefined
  } catch {
    return undefined
  }
}

/** `ffmpeg version 5.1.9-0+deb12u1 …`; builds from git say `N-…` or a date, and are newer than what they could be asked for. */
function isRecent(text: string): boolean {
  const [, major, minor] = /^ffmpeg version n?(\d+)\.(\d+)/.exec(text) ?? []
  if (major === undefined) return text.startsWith('ffmpeg version')
  const [oldestMajor, oldestMinor] = oldestFfmpeg
  return Number(major) > oldestMajor || (Number(major) === oldestMajor && Number(minor) >= oldestMinor)
}

/** Its binary is in a package of the platform's own, which is there without any install script; on Windows that package's is packed until its script ran. */
function hasNodeAv(): boolean {
  const require = createRequire(import.meta.resolve('node-av/lib'))
  const builds = process.platform === 'win32' ? ['-msvc', '-mingw'] : ['']
  return builds.some((build) => {
    try {
      require.resolve(`@seydx/node-av-${process.platform}-${process.arch}${build}/node-av.node`)
      return true
    } catch {
      return false
    }
  })
}
