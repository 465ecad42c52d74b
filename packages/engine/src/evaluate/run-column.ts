import {
  type CallNode,
  columnsOf,
  filled,
  type Evaluator,
  type ExpressionNode,
  type FunctionDefinition,
  type RetryPolicy,
  type RollUpNode,
  valuesEqual,
  walkNodes,
  writtenColumnName,
} from '@vivant/core'
import {
  type CellBatch,
  cellById,
  type CellColumn,
  type CellInfo,
  type CellStatus,
  guards,
  historyColumn,
  type LoadedCells,
  type LoadedRollUps,
  maxListRows,
  readName,
  storedKeyOf,
  type TableModel,
} from '@vivant/storage'
import { codeOf, type ChunkContext } from '../engine-context.ts'
import type { Failure } from '../functions/failure.ts'
import { type ColumnResult, unchangedResult } from './column-result.ts'
import { argumentHasher, evaluateExpression, type EvaluationScope } from './evaluate-expression.ts'

/** One chunk of rows on its way from load to commit. */
export interface ChunkState {
  readonly model: TableModel
  readonly batch: CellBatch
  /** Columns to run although their cells are current. */
  readonly forced: ReadonlySet<number>
  /** Results of the columns that this run has been through. */
  readonly results: Map<number, ColumnResult>
  readonly signal: AbortSignal
  /** Rows of which what this column makes is at hand: they are not looked at. */
  readonly atHand?: ReadonlyMap<number, unknown>
  /** Rows that other tasks have as well; asked for before the load, and only where a column assembles. */
  readonly rivals?: ReadonlyMap<number, 'newer' | 'leased'>
}

/** Waits for all rows of a view, and calls a function with what they come to. */
export function assembles({ rollUps, expression }: CellColumn): boolean {
  return rollUps.some(({ node }) => node.wait === 'all') && [...walkNodes(expression)].some(({ node }) => node === 'call')
}

/**
 * Decides for each row whether a column's cell is to be made, and makes it: skips what is current, waits for inputs that
 * are not there, blocks behind failed ones, honours `when`, recognises equal arguments, and runs the rest.
 */
export async function runColumn(context: ChunkContext, state: ChunkState, column: CellColumn): Promise<ColumnResult> {
  const run = new ColumnRun(context, state, column)
  await run.run()
  return run.result
}

/** A column over the rows of a chunk: over those that are not current, or over some that the caller has chosen. */
export class ColumnRun {
  readonly result: ColumnResult
  readonly #context: ChunkContext
  readonly #state: ChunkState
  readonly #column: CellColumn
  readonly #loaded: LoadedCells
  readonly #inputs: readonly InputView[]
  readonly #rollUps: LoadedRollUps | undefined
  readonly #history: Evaluator | undefined

  /** `history` gives the earlier rows of a row to a column that reads them. */
  constructor(context: ChunkContext, state: ChunkState, column: CellColumn, history?: Evaluator) {
    this.#history = history
    this.#context = context
    this.#state = state
    this.#column = column
    this.#loaded = state.batch.cells.get(column.id)!
    this.#rollUps = state.batch.rollUps.get(column.id)
    this.#inputs = column.cellInputs.map((id) => inputView(state, id))
    this.result = unchangedResult(this.#loaded, column.usesArguments)
  }

  async run(): Promise<void> {
    const rows = this.#staleRows()
    if (rows.length) await this.runRows(rows)
  }

  /** Makes the cells of these rows, but for those whose arguments are what they were. */
  async runRows(rows: readonly number[]): Promise<void> {
    const functions = this.#functions()
    if (!functions) {
      for (const row of rows) this.result.notRunnable[row] = 1
      return
    }
    // the condition first: where it is false, what the expression reads does not matter
    const conditional = await this.#applyCondition(this.#blockRows(rows, this.#column.condition))
    const toRun = this.#leaveToRivals(this.#keepEqualArguments(this.#blockRows(conditional, this.#column.expression)))
    if (toRun.length) await this.#evaluate(toRun, functions)
    this.#markChanged(rows)
  }

  /** Rows whose cell is not current, or is to be run again; the others keep what was loaded. */
  #staleRows(): number[] {
    const { batch } = this.#state
    const revisions = batch.revisions.get(this.#column.id)!
    const forced = this.#state.forced.has(this.#column.id)
    const rows: number[] = []
    for (let row = 0; row < batch.ids.length; row++) {
      if (this.#state.atHand?.has(row)) continue
      const status = this.#loaded.status[row]!
      let token = revisions[row]!
      let waits = this.#rollUps?.waits[row] ?? false
      let disturbed = false
      for (const input of this.#inputs) {
        const inputStatus = input.status(row)
        // a list that is under way is looked at when it is whole
        if (inputStatus === null || inputStatus === 'error' || inputStatus === 'partial' || input.rerun(row)) waits = true
        else if (input.changed(row)) disturbed = true
        token = tokenOf(token, input.seq(row))
      }
      if (waits) continue
      const current = status !== null && !disturbed && this.#loaded.version[row] === this.#column.version && this.#loaded.token[row] === token
      if (!current) rows.push(row)
      else if (status === 'partial') {
        // whoever was at it died: its list is begun anew, behind its own in the fence
        this.result.attempts[row] = this.#loaded.attempts[row]! + 1
        rows.push(row)
      } else if (forced || this.#loaded.due[row]) {
        this.result.rerun[row] = guards.rerunAlone ? 1 : 0
        this.result.attempts[row] = this.#loaded.attempts[row]! + 1
        rows.push(row)
      }
    }
    return rows
  }

  /** The code of every call; undefined when this process lacks one. */
  #functions(): ReadonlyMap<string, FunctionDefinition> | undefined {
    const found = new Map<string, FunctionDefinition>()
    for (const node of [this.#column.expression, this.#column.condition])
      for (const entry of node ? walkNodes(node) : []) {
        if (entry.node !== 'call') continue
        const definition = codeOf(this.#context.functions, entry)
        if (!definition) return undefined
        found.set(callKey(entry), definition)
      }
    return found
  }

  /** A failed or blocked input blocks, unless its column says that readers get null. */
  #blockRows(rows: readonly number[], reader: ExpressionNode | null): readonly number[] {
    const read = new Set(reader ? columnsOf(reader).map((node) => node.column) : [])
    const decoded = this.#state.batch.undecoded ? this.#failUndecoded(rows, read, this.#state.batch.undecoded) : rows
    const rollUps = this.#rollUps
    const readable = rollUps && reader && [...walkNodes(reader)].some(({ node }) => node === 'rollUp') ? this.#blockChildren(decoded, rollUps) : decoded
    const blocking = this.#inputs.filter((input) => read.has(input.name) && input.column.options.onError !== 'null')
    if (!blocking.length) return readable
    return readable.filter((row) => {
      const cause = blocking.find((input) => {
        const status = input.status(row)
        return status === 'failed' || status === 'blocked'
      })
      if (!cause) return true
      this.#write(row, 'blocked', null)
      this.#inform(row, {
        error: { code: 'INPUT_FAILED', message: `Its input "${writtenColumnName(cause.name)}" ${cause.status(row) === 'failed' ? 'failed' : 'is blocked'}.` },
      })
      return false
    })
  }

  /** Behind a cell of a view's row that failed, and before a list that is longer than memory may hold. */
  #blockChildren(rows: readonly number[], { failed, tooLong }: LoadedRollUps): readonly number[] {
    return rows.filter((row) => {
      const child = failed[row]
      if (child) {
        this.#write(row, 'blocked', null)
        this.#inform(row, { error: { code: 'INPUT_FAILED', message: `"${child.column}" of row ${child.id} of "${child.view}" failed or is blocked.` } })
        return false
      }
      if (!tooLong[row]) return true
      const message = `A list of row ${this.#state.batch.ids[row]} would have more than ${maxListRows} values: count, sum or filter in the view, or make a view of a view.`
      this.#fail(row, { error: { code: 'GROUP_TOO_LARGE', message }, transient: false, delayMs: null }, 1)
      return false
    })
  }

  /** Rows in which a column that is read holds what its type cannot: no attempt would make it readable. */
  #failUndecoded(rows: readonly number[], read: ReadonlySet<string>, undecoded: NonNullable<CellBatch['undecoded']>): readonly number[] {
    const columns = [...read].flatMap((name) => {
      const reasons = undecoded.get(storedKeyOf(this.#state.model, name) ?? -1)
      return reasons ? [{ name, reasons }] : []
    })
    return rows.filter((row) => {
      const column = columns.find(({ reasons }) => reasons.has(row))
      if (!column) return true
      const message = `"${writtenColumnName(column.name)}" of row ${this.#state.batch.ids[row]} cannot be read: ${column.reasons.get(row)}`
      this.#fail(row, { error: { code: 'VALUE_INVALID', message }, transient: false, delayMs: null }, 1)
      return false
    })
  }

  async #applyCondition(rows: readonly number[]): Promise<readonly number[]> {
    const { condition } = this.#column
    if (!condition || !rows.length) return rows
    const outcome = await evaluateExpression(condition, this.#scope(rows, this.#functions()!))
    return rows.filter((row) => {
      const failure = outcome.failures.get(row)
      if (failure) {
        this.#fail(row, failure, failure.maxAttempts)
        return false
      }
      if (outcome.values[row] === true) return true
      this.#write(row, 'skipped', null)
      if (this.#column.usesArguments) this.result.argumentHashes![row] = this.hashArguments(row)
      return false
    })
  }

  #hasher: ((row: number) => string) | undefined
  /** Null for arguments that cannot be made: then nothing is known to be equal, and the evaluation fails with the reason. */
  hashArguments(row: number): string | null {
    this.#hasher ??= argumentHasher(this.#column.expression, this.#column.condition, {
      column: (node) => this.reader(node.column),
      rollUp: (node) => this.#rollUp(node),
    })
    try {
      return this.#hasher(row)
    } catch {
      return null
    }
  }

  /** Token moved, arguments equal: the new token is written with the old value, and nothing is called. */
  #keepEqualArguments(rows: readonly number[]): readonly number[] {
    const { argumentHashes } = this.result
    if (!argumentHashes) return rows
    const loaded = this.#loaded.argumentHashes!
    return rows.filter((row) => {
      const hash = this.hashArguments(row)
      argumentHashes[row] = hash
      const sameInputs = this.#loaded.status[row] === 'ok' && this.#loaded.version[row] === this.#column.version && loaded[row]?.replaceAll('-', '') === hash
      if (!sameInputs || this.result.rerun[row] || this.result.attempts[row]) return true
      this.#write(row, 'ok', this.#loaded.values![row])
      return false
    })
  }

  /** A function over all rows of a view is called once: many tasks say that they may all be there. */
  #leaveToRivals(rows: readonly number[]): readonly number[] {
    const { batch, rivals } = this.#state
    if (!rivals?.size || !assembles(this.#column)) return rows
    return rows.filter((row) => {
      const rival = rivals.get(batch.ids[row]!)
      if (rival === 'leased') this.result.deferred[row] = 1
      return rival === undefined
    })
  }

  async #evaluate(rows: readonly number[], functions: ReadonlyMap<string, FunctionDefinition>): Promise<void> {
    const outcome = await evaluateExpression(this.#column.expression, this.#scope(rows, functions))
    this.result.micros = outcome.micros
    this.result.calls += outcome.calls
    for (const row of rows) {
      const failure = outcome.failures.get(row)
      if (failure) this.#fail(row, failure, failure.maxAttempts)
      else this.#write(row, 'ok', outcome.values[row])
    }
  }

  #fail(row: number, failure: Failure, maxAttempts: number): void {
    const attempt = this.result.attempts[row]! + 1
    const again = failure.transient && attempt < maxAttempts
    this.#write(row, again ? 'error' : 'failed', null)
    this.#inform(row, { error: failure.error, worker: this.#context.owner })
    if (!again) return
    this.result.retryDelaysMs ??= filled(this.#state.batch.ids.length, null)
    this.result.retryDelaysMs[row] = retryDelay(this.#retryPolicy(), attempt, failure.delayMs)
  }

  #inform(row: number, info: CellInfo): void {
    this.result.infos ??= filled(this.#state.batch.ids.length, null)
    this.result.infos[row] = info
  }

  #write(row: number, status: CellStatus, value: unknown): void {
    this.result.write[row] = 1
    this.result.status[row] = status
    // an error keeps the last value
    if (status !== 'error') this.result.values[row] = value
  }

  #markChanged(rows: readonly number[]): void {
    const { type } = this.#column
    for (const row of rows) {
      if (!this.result.write[row]) continue
      const [before, after] = [this.#loaded.status[row]!, this.result.status[row]!]
      const equal = before === after && (after !== 'ok' || (this.#loaded.values !== null && sameValue(type, this.#loaded.values[row], this.result.values[row])))
      this.result.changed[row] = equal ? 0 : 1
    }
  }

  #scope(rows: readonly number[], functions: ReadonlyMap<string, FunctionDefinition>): EvaluationScope {
    const { batch, signal } = this.#state
    return {
      rows,
      rowCount: batch.ids.length,
      idsOf: (some) => (some.length === batch.ids.length ? batch.ids : some.map((row) => batch.ids[row]!)),
      column: (node) => this.reader(node.column),
      list: (node) => this.#list(node.column),
      rollUp: (node) => this.#rollUp(node),
      functionOf: (call) => functions.get(callKey(call))!,
      attemptOf: (row) => this.result.attempts[row]! + 1,
      maxAttempts: (definition) => (this.#column.options.retry ?? definition.retry).attempts,
      keyOf: (row) => `${this.#column.id}:${this.#column.version}:${batch.ids[row]}`,
      environment: this.#context.environment,
      signal,
    }
  }

  /** A column of the chunk as a whole, where it needs no look at each row. */
  #list(name: string): readonly unknown[] | null {
    const { model, batch } = this.#state
    const stored = storedKeyOf(model, name)
    if (stored !== undefined) return batch.stored.get(stored)!
    return this.#inputs.find((entry) => entry.name === name)?.list() ?? null
  }

  #rollUp(node: RollUpNode): Evaluator {
    const values = this.#rollUps!.values.get(node)!
    return (row) => values[row] ?? null
  }

  /** How a column that this one reads is read, by its name in expressions. */
  reader(name: string): Evaluator {
    const { model, batch } = this.#state
    if (name === historyColumn && this.#history) return this.#history
    if (name === '_id') return (row) => batch.ids[row]!
    const stored = storedKeyOf(model, name)
    if (stored !== undefined) {
      const values = batch.stored.get(stored)!
      return (row) => values[row] ?? null
    }
    const input = this.#inputs.find((entry) => entry.name === name)!
    return (row) => input.value(row)
  }

  #retryPolicy(): RetryPolicy {
    const own = this.#column.options.retry
    if (own) return own
    const policies = [...this.#functions()!.values()].map((definition) => definition.retry)
    return policies[0]!
  }
}

/** How a column reads one of its cell inputs: through this run where it was there already, else as loaded. */
interface InputView {
  readonly column: CellColumn
  /** As the column's expression has it. */
  readonly name: string
  status(row: number): CellStatus | null
  value(row: number): unknown
  /** All values, if every one is `ok`. */
  list(): readonly unknown[] | null
  seq(row: number): number
  changed(row: number): boolean
  rerun(row: number): boolean
}

function inputView(state: ChunkState, id: number): InputView {
  const column = cellById(state.model, id)
  const loaded = state.batch.cells.get(column.id)!
  const result = state.results.get(column.id)
  const value = (row: number): unknown => {
    const status = result ? result.status[row] : loaded.status[row]
    return status === 'ok' || status === 'error' ? ((result ? result.values[row] : loaded.values?.[row]) ?? null) : null
  }
  return {
    column,
    name: readName(state.model, id),
    status: (row) => (result ? result.status[row]! : loaded.status[row]!),
    value,
    list: () => (result?.status.every((status) => status === 'ok') ? result.values : null),
    seq: (row) => (loaded.status[row] === null ? 0 : loaded.seq[row]!),
    changed: (row) => result?.changed[row] === 1,
    rerun: (row) => result?.rerun[row] === 1,
  }
}

/** Rule 3: the sum. (The greatest, which the switch gives, misses a change whose number was drawn earlier.) */
export function tokenOf(left: number, right: number): number {
  return guards.tokenIsSum ? left + right : Math.max(left, right)
}

function sameValue(type: CellColumn['type'], left: unknown, right: unknown): boolean {
  if (left === null || right === null) return left === right
  return valuesEqual(type, left, right)
}

function callKey(call: CallNode): string {
  return `${call.function.name}@${call.function.hash}`
}

/** Exponential with jitter, or what the other side asked for. */
export function retryDelay(policy: RetryPolicy, attempt: number, requestedMs: number | null): number {
  if (requestedMs !== null) return requestedMs
  const base = policy.backoff === 'constant' ? policy.initialMs : policy.initialMs * 2 ** (attempt - 1)
  return Math.min(base, policy.maxMs) * (0.75 + Math.random() * 0.5)
}
