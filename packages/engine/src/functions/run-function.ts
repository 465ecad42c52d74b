import { setImmediate as nextTurn } from 'node:timers/promises'
import { containsMedia, filled, type FunctionDefinition, type IteratorDefinition, iteratorOf, validateOutput, VivantError } from '@vivant/core'
import { CallContext, type CallEnvironment } from './call-context.ts'
import { takeIn, toHandles } from './convert-media.ts'
import { ExpandingRow } from './expanding-row.ts'
import { failureOf, type Failure } from './failure.ts'
import type { MediaBorder } from './media-border.ts'
import type { Slots } from './slots.ts'

/** A function over rows: arguments by parameter, results by row. */
export interface FunctionRun {
  readonly definition: FunctionDefinition
  /** One list per parameter; a list per row of the run. */
  readonly arguments: readonly (readonly unknown[])[]
  readonly ids: readonly number[]
  readonly keyOf: (row: number) => string
  readonly attemptOf: (row: number) => number
  /** Attempts that this row has in all: the last one bisects a failing batch. */
  readonly maxAttempts: number
  readonly signal: AbortSignal
}

export interface FunctionEnvironment extends CallEnvironment {
  readonly media: MediaBorder
  readonly slotsOf: (definition: FunctionDefinition) => Slots
}

export interface FunctionResults {
  readonly values: unknown[]
  /** By row. */
  readonly failures: ReadonlyMap<number, Failure>
  /** Mean over the rows that were called; 0 when none was. */
  readonly micros: number
  readonly calls: number
}

/** Synchronous code may hold the event loop this long before others have a turn. */
const turnMs = 8

/**
 * Runs a function over rows: nulls by its null rule, in batches if it takes them, within its limits and its time, results
 * checked against its output type. A row's failure is its own.
 */
export async function runFunction(run: FunctionRun, environment: FunctionEnvironment): Promise<FunctionResults> {
  return new FunctionCall(run, environment).run()
}

type Code = (...args: readonly unknown[]) => unknown

class FunctionCall {
  readonly #run: FunctionRun
  readonly #environment: FunctionEnvironment
  readonly #values: unknown[]
  readonly #failures = new Map<number, Failure>()
  readonly #code: Code
  readonly #columns: readonly (readonly unknown[])[]
  readonly #returnsMedia: boolean
  readonly #iterator: IteratorDefinition | undefined
  #spentMs = 0
  #calls = 0

  constructor(run: FunctionRun, environment: FunctionEnvironment) {
    const { definition } = run
    this.#run = run
    this.#environment = environment
    this.#values = filled<unknown>(run.ids.length, null)
    this.#code = definition.code as unknown as Code
    this.#columns = definition.inputs.map((input, index) => {
      const list = run.arguments[index] ?? filled<unknown>(run.ids.length, input.defaultValue ?? null)
      return containsMedia(input.type) ? list.map((value) => toHandles(input.type, value, environment.media)) : list
    })
    this.#iterator = iteratorOf(definition)
    this.#returnsMedia = containsMedia(definition.output.type)
  }

  async run(): Promise<FunctionResults> {
    const rows = this.#callableRows()
    try {
      if (this.#run.definition.batch === null) await this.#runRows(rows)
      else await this.#runBatches(rows, this.#run.definition.batch)
    } catch (error) {
      this.#closeExpanding()
      throw error
    }
    return { values: this.#values, failures: this.#failures, micros: this.#calls ? (this.#spentMs * 1000) / this.#calls : 0, calls: this.#calls }
  }

  /** A null for a parameter that takes none gives null without a call. */
  #callableRows(): readonly number[] {
    const strict = this.#columns.filter((_, index) => !this.#run.definition.inputs[index]!.nullable)
    const rows: number[] = []
    for (let row = 0; row < this.#run.ids.length; row++) {
      let callable = true
      for (const column of strict) if (column[row] === null || column[row] === undefined) callable = false
      if (callable) rows.push(row)
    }
    return rows
  }

  async #runRows(rows: readonly number[]): Promise<void> {
    const slots = this.#environment.slotsOf(this.#run.definition)
    const pending = new Set<Promise<void>>()
    let turnBegan = performance.now()
    let began = turnBegan
    for (const row of rows) {
      if (this.#run.signal.aborted) throw this.#run.signal.reason
      // a synchronous call takes no slot: it is over before anything else can look
      if (slots.exhausted) {
        await slots.take().then(() => slots.release())
        began = performance.now()
      }
      const context = this.#contextOf(row)
      let result: unknown
      try {
        result = this.#call(row, context)
      } catch (error) {
        this.#failures.set(row, failureOf(error))
        const ended = performance.now()
        this.#count(ended - began, 1)
        began = ended
        continue
      }
      if (isThenable(result) || this.#returnsMedia || this.#iterator) {
        await slots.take()
        const settled = this.#settleLater(
          [row],
          this.#iterator ? this.#expand(row, result, this.#iterator, context) : this.#within(result, context).then((value) => this.#accept(row, value)),
          began,
        )
        const tracked = settled.finally(() => {
          slots.release()
          pending.delete(tracked)
        })
        // an aborted run ends with the first that says so; nobody waits for the others
        tracked.catch(() => {})
        pending.add(tracked)
        began = performance.now()
      } else {
        const ended = performance.now()
        this.#count(ended - began, 1)
        if (ended - began > this.#run.definition.timeoutMs) this.#failures.set(row, failureOf(this.#timeoutError()))
        else this.#acceptNow(row, result)
        began = ended
        if (ended - turnBegan > turnMs) {
          await nextTurn()
          began = turnBegan = performance.now()
        }
      }
    }
    await Promise.all(pending)
  }

  #call(row: number, context: CallContext): unknown {
    const [first, second] = this.#columns
    // the two commonest shapes without a list of arguments per call
    if (this.#columns.length === 1) return this.#code(first![row], context)
    if (this.#columns.length === 2) return this.#code(first![row], second![row], context)
    return this.#code(...this.#columns.map((column) => column[row]), context)
  }

  async #runBatches(rows: readonly number[], size: number): Promise<void> {
    const slots = this.#environment.slotsOf(this.#run.definition)
    const batches = Array.from({ length: Math.ceil(rows.length / size) }, (_, index) => rows.slice(index * size, index * size + size))
    await Promise.all(
      batches.map(async (batch) => {
        await slots.take()
        try {
          await this.#runBatch(batch)
        } finally {
          slots.release()
        }
      }),
    )
  }

  async #runBatch(rows: readonly number[]): Promise<void> {
    if (this.#run.signal.aborted) throw this.#run.signal.reason
    const context = this.#contextOf(rows)
    const began = performance.now()
    try {
      const results = await this.#within(this.#code(...this.#columns.map((column) => rows.map((row) => column[row])), context), context)
      this.#count(performance.now() - began, rows.length)
      if (!Array.isArray(results) && !ArrayBuffer.isView(results)) throw this.#resultCountError(rows.length, 'no array')
      const list = results as readonly unknown[]
      if (list.length !== rows.length) throw this.#resultCountError(rows.length, `${list.length} results`)
      await Promise.all(rows.map((row, index) => this.#acceptItem(row, list[index])))
    } catch (error) {
      if (this.#run.signal.aborted) throw error
      await this.#bisect(rows, failureOf(error))
    }
  }

  /**
   * One bad row must not take its neighbours with it: a failing batch is halved until the bad row stands alone.
   * A transient failure (the service is down) is everybody's, so it is tried again as a whole, and bisected at the last attempt only.
   */
  async #bisect(rows: readonly number[], failure: Failure): Promise<void> {
    const lastAttempt = rows.some((row) => this.#run.attemptOf(row) >= this.#run.maxAttempts)
    if (rows.length === 1 || (failure.transient && !lastAttempt)) {
      for (const row of rows) this.#failures.set(row, failure)
      return
    }
    const middle = Math.ceil(rows.length / 2)
    await this.#runBatch(rows.slice(0, middle))
    await this.#runBatch(rows.slice(middle))
  }

  /** Awaits a result no longer than the function's time; what is late is abandoned, its signal aborted. */
  async #within(result: unknown, context: CallContext): Promise<unknown> {
    if (!isThenable(result)) return result
    const { signal } = this.#run
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => end(this.#timeoutError()), this.#run.definition.timeoutMs)
      const onAbort = (): void => end(signal.reason as Error)
      const end = (error: Error): void => {
        context.abort(error)
        cleanUp()
        reject(error)
      }
      const cleanUp = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      Promise.resolve(result).then(resolve, reject).finally(cleanUp)
    })
  }

  async #settleLater(rows: readonly number[], work: Promise<void>, began: number): Promise<void> {
    try {
      await work
    } catch (error) {
      if (this.#run.signal.aborted) throw error
      for (const row of rows) this.#failures.set(row, failureOf(error))
    }
    this.#count(performance.now() - began, rows.length)
  }

  /** The first piece of what an iterator gives. */
  async #expand(row: number, result: unknown, iterator: IteratorDefinition, context: CallContext): Promise<void> {
    const { media } = this.#environment
    const source = await this.#within(result, context)
    this.#values[row] = await ExpandingRow.open(source, iterator, { media, signal: this.#run.signal, abort: (reason) => context.abort(reason) })
  }

  /** Generators that are open when the run ends with an error would never clean up. */
  #closeExpanding(): void {
    for (const value of this.#values) if (value instanceof ExpandingRow) value.close()
  }

  async #acceptItem(row: number, result: unknown): Promise<void> {
    if (result instanceof Error) {
      this.#failures.set(row, failureOf(result))
      return
    }
    try {
      await this.#accept(row, result)
    } catch (error) {
      this.#failures.set(row, failureOf(error))
    }
  }

  async #accept(row: number, result: unknown): Promise<void> {
    const { output } = this.#run.definition
    const taken = this.#returnsMedia ? await takeIn(output.type, result, this.#environment.media, this.#run.signal) : result
    this.#acceptNow(row, taken)
  }

  /** Checks a result against the declared output. */
  #acceptNow(row: number, result: unknown): void {
    try {
      this.#values[row] = validateOutput(result, this.#run.definition)
    } catch (error) {
      this.#failures.set(row, failureOf(error))
    }
  }

  #contextOf(rows: number | readonly number[]): CallContext {
    return new CallContext(this.#environment, this.#run, rows)
  }

  #count(ms: number, rows: number): void {
    this.#spentMs += ms
    this.#calls += rows
  }

  #timeoutError(): VivantError {
    return new VivantError('TIMEOUT', `${this.#run.definition.name ?? 'The function'} took longer than ${this.#run.definition.timeoutMs} ms.`)
  }

  #resultCountError(expected: number, got: string): VivantError {
    return new VivantError(
      'RESULT_COUNT',
      `${this.#run.definition.name ?? 'The function'} got a batch of ${expected} rows and returned ${got}: it must return one result a row.`,
    )
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
