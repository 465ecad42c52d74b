// Runs the workspace's npm scripts on a host that has only Node >= 20 and npm: installs the dependencies with pnpm when they are
// missing or out of date, then runs the command on a Node that can run TypeScript (the host's own, or the one the `node` package brings).
// Plain JavaScript without dependencies, as nothing is installed yet when it starts.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const bin = (...path) => join(root, 'node_modules', ...path)
const minimumNode = [22, 18]

const typescript = ['typescript/bin/tsc', '--build']
const lint = ['oxlint/bin/oxlint', '--type-aware', '--deny-warnings']
const format = ['oxfmt/bin/oxfmt']

/** What each script runs, one after the other; extra arguments go to the last. The first word is a file in node_modules, or `./` a file of ours. */
const scripts = {
  test: [['vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts']],
  'test:faults': [['vitest/vitest.mjs', 'run', '--config', 'test/vitest.faults.config.ts', '--passWithNoTests']],
  demo: [['./examples/demo/main.ts']],
  bench: [['./test/bench/main.ts']],
  build: [typescript],
  lint: [lint],
  format: [format],
  check: [typescript, lint, [...format, '--check']],
}

await main(process.argv[2], process.argv.slice(3))

async function main(name, extra) {
  const commands = Object.hasOwn(scripts, name ?? '') ? scripts[name] : undefined
  if (!commands) {
    console.error(`Unknown script "${name}"; there are: ${Object.keys(scripts).join(', ')}`)
    process.exit(2)
  }
  await install()
  const node = nodePath()
  const env = {
    ...process.env,
    PATH: [dirname(node), bin('.bin'), process.env.PATH].join(delimiter),
    // The packages of the workspace are run from their source: see "source" in their package.json.
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --conditions=source --disable-warning=ExperimentalWarning`.trim(),
  }
  for (const [index, [file, ...args]] of commands.entries()) {
    const path = file.startsWith('./') ? join(root, file) : bin(...file.split('/'))
    const { code, signal } = await run(node, [path, ...args, ...(index === commands.length - 1 ? extra : [])], { cwd: root, env, stdio: 'inherit' })
    if (signal) exitBySignal(signal)
    if (code !== 0) process.exit(code)
  }
}

async function install() {
  const stamp = bin('.vivant-install')
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .update(readFileSync(join(root, 'pnpm-workspace.yaml')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  console.error('Installing dependencies …')
  const env = { ...process.env, CI: '1' }
  const { code, signal, output } = await run('npx', ['-y', 'pnpm@12', 'install', '--frozen-lockfile'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  if (signal) exitBySignal(signal)
  if (code !== 0) {
    console.error(output)
    process.exit(code)
  }
  writeFileSync(stamp, wanted)
}

function nodePath() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  const recent = major > minimumNode[0] || (major === minimumNode[0] && minor >= minimumNode[1])
  return recent ? process.execPath : bin('node', 'bin', 'node')
}

function run(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, options)
    const output = []
    child.stdout?.on('data', (chunk) => output.push(chunk))
    child.stderr?.on('data', (chunk) => output.push(chunk))
    // A terminal sends Ctrl-C to the child as well: sent twice, it would cut short the child's own clean-up.
    const forward = (signal) => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal))
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
    for (const name of signals) process.on(name, forward)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      for (const name of signals) process.off(name, forward)
      resolve({ code, signal, output: Buffer.concat(output).toString() })
    })
  })
}

function exitBySignal(signal) {
  process.exit(128 + constants.signals[signal])
}
