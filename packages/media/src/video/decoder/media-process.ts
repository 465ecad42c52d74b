import { spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { VivantError } from '@vivant/core'
import { throwIfAborted } from '../../content/throw-if-aborted.ts'
import { defaultStallMs } from './safe-input.ts'
import type { DecodeOptions } from './video-decoder.ts'

/** What is kept of the lines that a program writes beside its output. */
const keptLines = 20

export interface ProcessCommand {
  readonly file: string
  readonly args: readonly string[]
  /** Is given each line that the program writes to stderr; true: it is dealt with and not kept. The next line waits for it. */
  readonly onLine?: (line: string) => boolean | Promise<boolean>
  readonly takesInput?: boolean
}

/** Of this process: how many were started, of which tests see that a batch takes one, and how many are at work. */
export const startedProcesses: { count: number; running: number } = { count: 0, running: 0 }

/**
 * A program at work on a medium. Killed when it is disposed, when its signal is aborted and when it stalls while its
 * output is waited for.
 */
export class MediaProcess implements AsyncDisposable {
  readonly stdout: Readable
  readonly stdin: Writable | null
  readonly #child: ReturnType<typeof spawn>
  readonly #ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  readonly #lines: string[] = []
  readonly #options: DecodeOptions
  #stalled = false
  #failure: Error | undefined

  constructor({ file, args, onLine, takesInput = false }: ProcessCommand, options: DecodeOptions) {
    throwIfAborted(options.signal)
    this.#options = options
    startedProcesses.count++
    startedProcesses.running++
    const child = spawn(file, args, { stdio: [takesInput ? 'pipe' : 'ignore', 'pipe', 'pipe'], windowsHide: true })
    this.#child = child
    this.stdout = child.stdout!
    this.stdin = child.stdin
    // A program that ends early closes its input: what matters is how it ended.
    child.stdin?.on('error', () => {})
    const onAbort = (): void => this.kill()
    options.signal?.addEventListener('abort', onAbort, { once: true })
    const read = readLines(child.stderr!, async (line) => {
      if (await onLine?.(line)) return
      this.#lines.push(line)
      if (this.#lines.length > keptLines * 2) this.#lines.splice(keptLines, 1)
    })
    this.#ended = new Promise((resolve) => {
      child.on('error', (error) => {
        this.#failure = error
        resolve({ code: null, signal: null })
      })
      child.on('exit', (code, signal) => void read.then(() => resolve({ code, signal })))
    })
    void this.#ended.then(() => startedProcesses.running--)
    void this.#ended.then(() => options.signal?.removeEventListener('abort', onAbort))
  }

  /** What it wrote to stderr: the first lines and the last. */
  get lines(): readonly string[] {
    return this.#lines
  }

  /** When it has ended, however it did. */
  get ended(): Promise<unknown> {
    return this.#ended
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** Waits for something of the program, but not for ever. */
  async within<T>(work: Promise<T>): Promise<T> {
    const timer = setTimeout(() => {
      this.#stalled = true
      this.kill()
    }, this.#options.stallMs ?? defaultStallMs)
    try {
      return await work
    } finally {
      clearTimeout(timer)
    }
  }

  /** The chunks of its output. */
  async *chunks(): AsyncGenerator<Buffer, void, undefined> {
    const iterator = this.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>
    while (true) {
      const { done, value } = await this.within(iterator.next())
      if (done) return
      yield value
    }
  }

  /** Gives it its input, as fast as it takes it, and waits for its end. */
  async feed(input: AsyncIterable<Uint8Array> | undefined): Promise<void> {
    for await (const piece of input ?? []) {
      if (this.stdin!.destroyed) break
      if (!this.stdin!.write(piece)) await this.within(Promise.race([new Promise((resolve) => this.stdin!.once('drain', resolve)), this.#ended]))
    }
    this.stdin!.end()
    await this.end()
  }

  /** Waits for its end. Throws ABORTED, TIMEOUT, or MEDIA_INVALID when it failed. */
  async end(): Promise<void> {
    const { code, signal } = await this.within(this.#ended)
    throwIfAborted(this.#options.signal)
    if (this.#stalled) throw new VivantError('TIMEOUT', `The decoder gave nothing for ${this.#options.stallMs ?? defaultStallMs} ms and was stopped.`)
    if (this.#failure)
      throw new VivantError('CONFIGURATION_INVALID', `${this.#child.spawnfile} cannot be started: ${this.#failure.message}`, { cause: this.#failure })
    if (code !== 0) throw invalidMedium(code === null ? `the decoder was ended by ${signal}` : reasonIn(this.#lines))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill()
    await this.#ended
  }
}

/** What FFmpeg says went wrong, without addresses of its memory. */
export function reasonIn(lines: readonly string[]): string {
  const messages = lines.filter((line) => /\[(error|fatal|panic)\]/.test(line)).map(plainMessage)
  const told = messages.length > 0 ? messages : lines.map(plainMessage)
  return [...new Set(told)].slice(0, 3).join('; ') || 'the decoder failed without a word'
}

export function plainMessage(line: string): string {
  return line
    .replaceAll(/\[[^\]]* @ 0x[0-9a-f]+\] ?/g, '')
    .replaceAll(/\[(error|fatal|panic|warning|info)\] ?/g, '')
    .replaceAll(/(file:)?\/\S+: /g, '')
    .trim()
}

export function invalidMedium(reason: string, cause?: unknown): VivantError {
  return new VivantError('MEDIA_INVALID', `The medium cannot be decoded: ${reason}.`, { cause, details: { reason } })
}

/** What it said of the file while it went on. What it says of its own output is no fault of the file. */
export function throwIfDamaged(lines: readonly string[]): void {
  const faults = lines.filter((line) => /\[(error|fatal)\]/.test(line) && !/^\[(null|rawvideo|out#|vost#|f32le|pcm)/.test(line))
  if (faults.length > 0) throw invalidMedium(`it is damaged or cut off (${[...new Set(faults.map(plainMessage))].slice(0, 3).join('; ')})`)
}

async function readLines(stream: Readable, take: (line: string) => Promise<void>): Promise<void> {
  let rest = ''
  stream.setEncoding('utf8')
  for await (const chunk of stream as AsyncIterable<string>) {
    const lines = (rest + chunk).split(/\r?\n/)
    rest = lines.pop()!.slice(-65_536)
    for (const line of lines) if (line !== '') await take(line)
  }
  if (rest !== '') await take(rest)
}
