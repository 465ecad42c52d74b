import { createHash } from 'node:crypto'
import {
  compileEvaluator,
  encodeJson,
  filled,
  walkNodes,
  type CallNode,
  type ColumnNode,
  type Evaluator,
  type ExpressionNode,
  type FunctionDefinition,
  type MediaMetadata,
  type OperatorNode,
  type RollUpNode,
} from '@vivant/core'
import type { Failure } from '../functions/failure.ts'
import { failureOf } from '../functions/failure.ts'
import { runFunction, type FunctionEnvironment } from '../functions/run-function.ts'

/** The rows of a chunk that an expression is evaluated for. */
export interface EvaluationScope {
  readonly rows: readonly number[]
  readonly rowCount: number
  readonly idsOf: (rows: readonly number[]) => readonly number[]
  readonly column: (node: ColumnNode) => Evaluator
  /** The same as a list by row, where there is one. */
  readonly list: (node: ColumnNode) => readonly unknown[] | null
  /** Only of stored columns. */
  readonly rollUp?: (node: RollUpNode) => Evaluator
  readonly functionOf: (call: CallNode) => FunctionDefinition
  readonly attemptOf: (row: number) => number
  readonly maxAttempts: (definition: FunctionDefinition) => number
  readonly keyOf: (row: number) => string
  readonly environment: FunctionEnvironment
  readonly signal: AbortSignal
}

export interface EvaluationOutcome {
  /** By row of the chunk; only the rows of the scope are filled. */
  readonly values: unknown[]
  readonly failures: ReadonlyMap<number, Failure & { readonly maxAttempts: number }>
  /** Summed over the calls of the expression. */
  readonly micros: number
  readonly calls: number
}

/**
 * Evaluates an expression over rows. Functions run first, inner before outer, each over all its rows in batches; what lies
 * around them is compiled once and read row by row. A row that failed takes no further part.
 */
export async function evaluateExpression(node: ExpressionNode, scope: EvaluationScope): Promise<EvaluationOutcome> {
  const failures = new Map<number, Failure & { readonly maxAttempts: number }>()
  const results = new Map<ExpressionNode, readonly unknown[]>()
  const metadata = new Map<string, MediaMetadata>()
  const now = new Date()
  let [micros, calls] = [0, 0]
  const context = {
    column: scope.column,
    ...(scope.rollUp && { rollUp: scope.rollUp }),
    cell: () => () => null,
    call: (call: CallNode): Evaluator => {
      const list = results.get(call)!
      return (row) => list[row] ?? null
    },
    lookup: (operator: OperatorNode, operands: readonly Evaluator[]) => mediaProperty(operator, operands[0]!, metadata),
    now: () => now,
  }
  const failed = (row: number, error: unknown): void => void failures.set(row, { ...failureOf(error), maxAttempts: 1 })
  const rowsLeft = (): readonly number[] => (failures.size ? scope.rows.filter((row) => !failures.has(row)) : scope.rows)

  for (const step of [...walkNodes(node)].toReversed()) {
    if (step.node === 'operator' && step.operator === 'mediaProperty') {
      const references = valuesOf(compileEvaluator(step.operands[0]!, context), rowsLeft(), failed)
      for (const [reference, entry] of await scope.environment.media.metadata(references.filter((value) => typeof value === 'string')))
        metadata.set(reference, entry)
    }
    if (step.node !== 'call') continue
    const definition = scope.functionOf(step)
    const { rows, lists } = argumentLists(step, scope, rowsLeft(), (operand) => compileEvaluator(operand, context), failed)
    const maxAttempts = scope.maxAttempts(definition)
    const run = await runFunction(
      {
        definition,
        arguments: lists,
        ids: scope.idsOf(rows),
        keyOf: (index) =>
          `${scope.keyOf(rows[index]!)}:${step.function.name}:${JSON.stringify(step.operands.map((operand, parameter) => encodeJson(operand.type, lists[parameter]![index])))}`,
        attemptOf: (index) => scope.attemptOf(rows[index]!),
        maxAttempts,
        signal: scope.signal,
      },
      scope.environment,
    )
    micros += run.micros
    calls += run.calls
    for (const [index, failure] of run.failures) failures.set(rows[index]!, { ...failure, maxAttempts })
    results.set(step, spread(rows, run.values, scope.rowCount))
  }
  if (node.node === 'call') return { values: results.get(node) as unknown[], failures, micros, calls }

  const root = compileEvaluator(node, context)
  const values = filled<unknown>(scope.rowCount, undefined)
  for (const row of rowsLeft())
    try {
      values[row] = root(row) ?? null
    } catch (error) {
      failed(row, error)
    }
  return { values, failures, micros, calls }
}

/** The arguments of a call, column by column; a row whose arguments cannot be made fails and is left out. */
function argumentLists(
  call: CallNode,
  scope: EvaluationScope,
  rows: readonly number[],
  compile: (node: ExpressionNode) => Evaluator,
  failed: (row: number, error: unknown) => void,
): { readonly rows: readonly number[]; readonly lists: readonly (readonly unknown[])[] } {
  const whole = rows.length === scope.rowCount ? call.operands.map((operand) => (operand.node === 'column' ? scope.list(operand) : null)) : []
  if (whole.length === call.operands.length && whole.every((list) => list !== null)) return { rows, lists: whole }
  const operands = call.operands.map(compile)
  const lists = operands.map(() => [] as unknown[])
  const kept = rows.filter((row) => {
    try {
      const values = operands.map((operand) => operand(row))
      for (const [index, value] of values.entries()) lists[index]!.push(value)
      return true
    } catch (error) {
      failed(row, error)
      return false
    }
  })
  return { rows: kept, lists }
}

/** Values of some rows in the places of the chunk's rows. */
function spread(rows: readonly number[], values: readonly unknown[], rowCount: number): readonly unknown[] {
  if (rows.length === rowCount) return values
  const spreadOut = filled<unknown>(rowCount, undefined)
  for (const [index, row] of rows.entries()) spreadOut[row] = values[index]
  return spreadOut
}

function valuesOf(evaluate: Evaluator, rows: readonly number[], failed: (row: number, error: unknown) => void): unknown[] {
  return rows.flatMap((row) => {
    try {
      return [evaluate(row)]
    } catch (error) {
      failed(row, error)
      return []
    }
  })
}

function mediaProperty(operator: OperatorNode, reference: Evaluator, metadata: ReadonlyMap<string, MediaMetadata>): Evaluator {
  const property = String(operator.options?.['property'])
  return (row) => {
    const entry = metadata.get(reference(row) as string)
    if (!entry) return null
    switch (property) {
      case 'metadata':
        return entry
      case 'duration':
        return entry.durationSeconds
      default:
        return (entry as unknown as Record<string, unknown>)[property] ?? null
    }
  }
}

/**
 * 128 bits over the evaluated arguments of a column: its largest subexpressions without calls, and its condition. Equal
 * arguments under a new token mean that nothing has to be called again.
 */
export function argumentHasher(
  expression: ExpressionNode,
  condition: ExpressionNode | null,
  scope: Pick<EvaluationScope, 'column' | 'rollUp'>,
): (row: number) => string {
  const context = {
    column: scope.column,
    ...(scope.rollUp && { rollUp: scope.rollUp }),
    cell: () => () => null,
    call: () => () => null,
    lookup: (_: OperatorNode, operands: readonly Evaluator[]) => operands[0]!,
    now: () => new Date(0),
  }
  const leaves = [...callFreeParts(expression), ...(condition ? [condition] : [])].map((node) => ({ node, evaluate: compileEvaluator(node, context) }))
  return (row) => {
    const hash = createHash('sha256')
    for (const { node, evaluate } of leaves) hash.update(JSON.stringify(encodeJson(node.type, evaluate(row))) ?? 'null').update('\0')
    return hash.digest('hex').slice(0, 32)
  }
}

function callFreeParts(node: ExpressionNode): readonly ExpressionNode[] {
  if (![...walkNodes(node)].some((entry) => entry.node === 'call')) return node.node === 'literal' ? [] : [node]
  const children = node.node === 'object' ? Object.values(node.fields) : node.node === 'operator' || node.node === 'call' ? node.operands : []
  return children.flatMap(callFreeParts)
}
