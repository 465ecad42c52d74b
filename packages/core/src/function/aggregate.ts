import type { AnyColumn, ColumnInput, DeclaredNull, RecordColumns, TypeOfColumn } from '../column/column.ts'
import { columnSpec, innerColumnSpec } from '../column/column-spec.ts'
import type { GroupedColumn } from '../expression/aggregate/grouped-column.ts'
import { requireGrouped } from '../expression/aggregate/grouped-column-impl.ts'
import { createExpression } from '../expression/create-expression.ts'
import { aggregateNode, callNode, operatorNode } from '../expression/create-node.ts'
import type { Expression } from '../expression/expression.ts'
import type { ExpressionOf } from '../expression/expression-of.ts'
import type { ExpressionNode } from '../expression/node.ts'
import { mergeFunctions } from '../expression/parse-operand.ts'
import { isCompatibleType } from '../value/same-type.ts'
import { describeType } from '../value/describe-type.ts'
import { VivantError } from '../error/vivant-error.ts'
import { checkArgumentCount, functionLabel } from './call-arguments.ts'
import { codeHash } from './code-hash.ts'
import { createFunctionDefinition } from './create-function-definition.ts'
import type { FunctionDefinition, ParameterDefinition } from './function-definition.ts'
import type { ColumnValues, OutputColumn } from './function-options.ts'

export interface AggregateOptions {
  /** What it is called in messages. */
  readonly name?: string
  /** What it reads of each row. A row in which one is null that is not declared nullable is passed over. */
  readonly input: readonly AnyColumn[]
  readonly output: AnyColumn | RecordColumns
  /** How long one group may take (default 300,000). */
  readonly timeoutMs?: number
}

/** A fold over the rows of a group, in the order of their ids or as `orderBy` of its first argument says. */
export interface Fold<O extends AggregateOptions, State> {
  /** The state before the first row. */
  readonly start: () => State
  /** The state after one more row. */
  readonly add: (state: State, ...values: ColumnValues<O['input']>) => State
  readonly finish: (state: State) => ColumnInput<OutputColumn<O['output']>> | Promise<ColumnInput<OutputColumn<O['output']>>>
}

/** A function over the columns of a group. */
export type AggregateFunction<I extends readonly AnyColumn[], C extends AnyColumn> = (
  ...columns: { readonly [K in keyof I]: GroupedColumn<TypeOfColumn<I[K]>> }
) => ExpressionOf<TypeOfColumn<C>, DeclaredNull<C>>

/**
 * An aggregate of one's own, for queries: PostgreSQL collects what it reads of a group, and it runs on that.
 *
 * ```ts
 * const product = aggregate({ name: 'product', input: [t.float()], output: t.float() }, { start: () => 1, add: (all, value) => all * value, finish: (all) => all })
 * rates.groupBy((rate) => ({ year: rate.year })).select((key, rate) => ({ year: key.year, growth: product(rate.factor) }))
 * ```
 *
 * The values of one group are in memory while it runs.
 */
export function aggregate<const O extends AggregateOptions, State>(options: O, fold: Fold<O, State>): AggregateFunction<O['input'], OutputColumn<O['output']>> {
  const definition = foldDefinition(options, fold as unknown as AnyFold)
  const inputs = options.input.map(columnSpec)
  const call = (...columns: readonly unknown[]): Expression => {
    checkArgumentCount(definition, columns)
    const states = columns.map((column, index) => requireGrouped(column, `argument ${index + 1} of ${functionLabel(definition)}`))
    for (const [index, { node }] of states.entries()) {
      const wanted = inputs[index]?.type
      if (wanted && !isCompatibleType(node.type, wanted))
        throw new VivantError(
          'TYPE_MISMATCH',
          `argument ${index + 1} of ${functionLabel(definition)} takes ${describeType(wanted)}, not ${describeType(node.type)}.`,
        )
    }
    const conditions = states.flatMap(({ node, filter }, index): readonly ExpressionNode[] => [
      ...(inputs[index]?.nullable ? [] : [not(operatorNode('isNull', [node], booleanType))]),
      ...(filter ? [filter] : []),
    ])
    const filter = conditions.length === 0 ? null : conditions.reduce((all, next) => operatorNode('and', [all, next], booleanType))
    const orderBy = states[0]?.orderBy ?? []
    const lists = states.map(({ node }) => aggregateNode('listWithNulls', [node], { kind: 'array', element: node.type }, { filter, orderBy }))
    const reference = { name: definition.name ?? '', hash: definition.hash }
    return createExpression(callNode(reference, lists, definition.output.type), new Set([definition, ...mergeFunctions(states)]))
  }
  return call as unknown as AggregateFunction<O['input'], OutputColumn<O['output']>>
}

const booleanType = { kind: 'boolean' } as const

function not(node: ExpressionNode): ExpressionNode {
  return operatorNode('not', [node], booleanType)
}

interface AnyFold {
  readonly start: () => unknown
  readonly add: (state: unknown, ...values: readonly unknown[]) => unknown
  readonly finish: (state: unknown) => unknown
}

/** A function over lists, one for each input, that folds their items together. */
function foldDefinition({ name, input, output, timeoutMs }: AggregateOptions, { start, add, finish }: AnyFold): FunctionDefinition {
  const code = (...given: readonly (readonly unknown[])[]): unknown => {
    const lists = given.slice(0, input.length)
    let state = start()
    for (let row = 0; row < (lists[0]?.length ?? 0); row++) state = add(state, ...lists.map((list) => list[row] ?? null))
    return finish(state)
  }
  const specs = input.map((column, index) => innerColumnSpec(column, `argument ${index + 1} of ${name ?? 'an aggregate'}`))
  const inputs = specs.map(({ type }): ParameterDefinition => ({ type: { kind: 'array', element: type }, nullable: false }))
  const border = { name: null, inputs, output: { type: booleanType, nullable: specs.some(({ nullable }) => nullable) }, version: undefined }
  const version = [start, add, finish].map((part) => codeHash({ ...border, code: part })).join(' ')
  const definition = createFunctionDefinition({ input: [], output, version, ...(timeoutMs !== undefined && { timeoutMs }) }, code)
  return Object.freeze({ ...definition, name: name ?? null, inputs: Object.freeze(inputs) })
}
