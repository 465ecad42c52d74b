import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { documentLimits } from '../document-limits.ts'
import { DocumentProblem } from '../document-problem.ts'
import type { DocumentJob, DocumentReply, DocumentRequest } from './document-job.ts'

interface Waiting {
  readonly resolve: (reply: DocumentReply) => void
  readonly reject: (error: Error) => void
}

/**
 * A process that reads documents, one at a time. What it does to itself (a crash, an endless loop, too much memory) is
 * the end of that process alone. It is given no environment, so no secrets, and keeps nobody from ending.
 */
export class ReadingProcess {
  readonly #child: ChildProcess
  #waiting: Waiting | null = null
  #isAlive = true

  constructor() {
    const isSource = import.meta.url.endsWith('.ts')
    const path = fileURLToPath(new URL(`document-process.${isSource ? 'ts' : 'js'}`, import.meta.url))
    this.#child = fork(path, [], {
      // The heap alone is half of what it may have; pictures and buffers lie beside it.
      execArgv: [`--max-old-space-size=${documentLimits.maxMemoryBytes / 1024 ** 2 / 2}`, '--no-warnings', ...(isSource ? ['--conditions=source'] : [])],
      env: environment(),
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    this.#child.on('message', (reply: DocumentReply) => this.#answer()?.resolve(reply))
    this.#child.on('error', (error) => this.#end(error))
    this.#child.on('exit', (code, signal) => this.#end(new DocumentProblem(causeOf(code, signal))))
    this.#hold(false)
  }

  get isAlive(): boolean {
    return this.#isAlive && this.#child.connected
  }

  open(job: DocumentJob): void {
    this.#send({ type: 'open', job })
  }

  /** The next items. Rejects with DocumentProblem; when it takes too long, or is aborted, the process is ended. */
  async next(signal: AbortSignal | undefined): Promise<DocumentReply> {
    const { promise, resolve, reject } = Promise.withResolvers<DocumentReply>()
    this.#waiting = { resolve, reject }
    const stop = (error: Error): void => {
      this.#answer()?.reject(error)
      this.kill()
    }
    const onAbort = (): void => stop(signal?.reason instanceof Error ? signal.reason : new Error('aborted'))
    const timer = setTimeout(() => stop(new DocumentProblem(`it takes more than ${documentLimits.stepMs / 1000} s`)), documentLimits.stepMs)
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#hold(true)
    try {
      if (signal?.aborted) onAbort()
      else this.#send({ type: 'next' })
      return await promise
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      this.#hold(false)
    }
  }

  /** Leaves the job where it is; the process takes another. */
  close(): void {
    this.#send({ type: 'close' })
  }

  kill(): void {
    this.#isAlive = false
    this.#child.kill('SIGKILL')
  }

  #send(request: DocumentRequest): void {
    this.#child.send(request, (error) => (error ? this.#end(error) : undefined))
  }

  #answer(): Waiting | null {
    const waiting = this.#waiting
    this.#waiting = null
    return waiting
  }

  #end(error: Error): void {
    this.#isAlive = false
    this.#answer()?.reject(error)
  }

  /** Whether this process stays while the other works. */
  #hold(holds: boolean): void {
    if (holds) {
      this.#child.ref()
      this.#child.channel?.ref()
    } else {
      this.#child.unref()
      this.#child.channel?.unref()
    }
  }
}

/** What finding libraries and fonts needs; on Windows a process does not start without SystemRoot. */
function environment(): NodeJS.ProcessEnv {
  const names = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'SystemRoot', 'LD_LIBRARY_PATH', 'FONTCONFIG_PATH']
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))
}

/** A full heap ends a process with SIGABRT (133, 134 where a shell says it), `memory-watch.ts` with SIGKILL. */
function causeOf(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === 'SIGKILL' || signal === 'SIGABRT' || signal === 'SIGTRAP' || code === 134) {
    return `it needs more than the ${documentLimits.maxMemoryBytes / 1024 ** 2} MB of memory that are allowed`
  }
  return `the process that read it died (${signal ?? `exit code ${code}`})`
}
