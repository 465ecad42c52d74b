import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { pollUntil } from '../poll-until.ts'
import type { Keys } from './verify-signature.ts'

const version = 'v1.8.0'
const run = promisify(execFile)

export interface S3Program extends AsyncDisposable {
  readonly endpoint: string
  readonly bucket: string
}

/**
 * A real S3 server over a folder: Versity's gateway, found in VIVANT_TEST_S3_GATEWAY, or built once from its Go module into the cache folder.
 * A sentence where neither can be had.
 */
export async function startVersityGateway(keys: Keys): Promise<S3Program | string> {
  const program = await findProgram()
  if (program === null) return 'no S3 server program: install Go, or name one of Versity in VIVANT_TEST_S3_GATEWAY'
  const folder = await mkdtemp(join(tmpdir(), 'vivant-gateway-'))
  const bucket = 'media'
  for (const name of ['data', 'meta', join('data', bucket)]) await mkdir(join(folder, name), { recursive: true })
  const port = await freePort()
  const child = spawn(program, ['--port', `127.0.0.1:${port}`, 'posix', '--sidecar', join(folder, 'meta'), join(folder, 'data')], {
    env: { ...process.env, ROOT_ACCESS_KEY: keys.accessKeyId, ROOT_SECRET_KEY: keys.secretAccessKey },
    stdio: 'ignore',
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const endpoint = `http://127.0.0.1:${port}`
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await exited
    await rm(folder, { recursive: true, force: true })
  }
  try {
    // Without keys it refuses, which is an answer.
    await pollUntil(
      'an answer of the S3 server',
      () =>
        fetch(endpoint)
          .then(() => true)
          .catch(() => false),
      { everyMs: 50 },
    )
  } catch (error) {
    await stop()
    throw error
  }
  return {
    endpoint,
    bucket,
    [Symbol.asyncDispose]: stop,
  }
}

async function findProgram(): Promise<string | null> {
  const named = process.env['VIVANT_TEST_S3_GATEWAY']
  if (named) return named
  const folder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'vivant', `versitygw-${version}`)
  const program = join(folder, 'versitygw')
  if (existsSync(program)) return program
  try {
    await run('go', ['install', `github.com/versity/versitygw/cmd/versitygw@${version}`], { env: { ...process.env, GOBIN: folder, GOTOOLCHAIN: 'local' } })
    return program
  } catch {
    return null
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
