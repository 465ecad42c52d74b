import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A process of a test's own, to be killed at any moment. */
export class TestProcess implements AsyncDisposable {
  readonly child: ChildProcess
  readonly lines: string[] = []
  readonly #errors: string[] = []
  readonly #waiting: { readonly pattern: RegExp; readonly found: (line: string) => void }[] = []
  readonly exited: Promise<unknown>

  private constructor(child: ChildProcess) {
    this.child = child
    this.exited = once(child, 'close')
    createInterface({ input: child.stdout! }).on('line', (line) => {
      this.lines.push(line)
      for (const { pattern, found } of this.#waiting) if (pattern.test(line)) found(line)
    })
    child.stderr!.on('data', (chunk: Buffer) => this.#errors.push(chunk.toString()))
  }

  /** Runs a TypeScript file beside this one. */
  static start(file: string, config: unknown): TestProcess {
    const path = fileURLToPath(new URL(file, import.meta.url))
    return new TestProcess(
      spawn(process.execPath, ['--conditions=source', '--disable-warning=ExperimentalWarning', path, JSON.stringify(config)], {
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    )
  }

  get hasExited(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }

  /** The next line that matches, or the first one that did; fails when the process ends without it. */
  async line(pattern: RegExp): Promise<string> {
    const known = this.lines.find((line) => pattern.test(line))
    if (known !== undefined) return known
    const { promise, resolve } = Promise.withResolvers<string>()
    this.#waiting.push({ pattern, found: resolve })
    return Promise.race([
      promise,
      this.exited.then(() => {
        throw new Error(`the process ended without a line like ${String(pattern)}: ${this.#errors.join('')}`)
      }),
    ])
  }

  /** As the system's own killer does it: nothing is run any more. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.exited
  }

  async stop(): Promise<void> {
    if (!this.hasExited) this.child.kill('SIGTERM')
    await this.exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.hasExited) await this.kill()
  }
}
