import { VivantError } from '../error/vivant-error.ts'
import type { Condition } from '../expression/boolean-expression.ts'
import { callNode, literalNode } from '../expression/create-node.ts'
import type { ExpressionNode } from '../expression/node.ts'
import { parseOperand } from '../expression/parse-operand.ts'
import { walkNodes } from '../expression/tree/walk-nodes.ts'
import type { FunctionDefinition } from '../function/function-definition.ts'
import { functionOfIterator } from '../iterate/function-of-iterator.ts'
import { type ColumnsOfIteration, type Iteration, iterationState } from '../iterate/iteration.ts'
import type { IteratorColumn } from '../iterate/iterator-definition.ts'
import type { Definition } from './definition.ts'
import { DefinitionImpl, tableDefinition } from './definition-impl.ts'
import type { Row } from './row.ts'
import { rowOf } from './row-of.ts'
import type { HasSchema, Schema, SchemaOf, ViewSchema } from './schema.ts'
import type { StoredColumnDefinition, TableDefinition, ViewDefinition } from './table-definition.ts'
import { validateName } from './validate-name.ts'

export interface ViewOptions<S extends Schema, I extends Iteration> {
  /** Makes a view's rows of each row: `(post) => segments(post.body)`. Left out: one row for each. */
  readonly iterate?: (row: Row<S>) => I
  /** Only of rows where this is true; the view follows when it changes. */
  readonly where?: (row: Row<S>) => Condition
  readonly description?: string
}

/**
 * Describes a view: rows that an iterator makes of each row of a table, or of another view, or the rows that a filter leaves. It has
 * columns of its own, computed ones and indexes, as a table has.
 *
 * ```ts
 * export const lines = view('lines', { of: posts, iterate: (post) => segments(post.body, { by: 'line' }) })
 *   .computed('words', (line) => wordCount(line.text))
 * ```
 *
 * Throws NAME_INVALID, FUNCTION_UNNAMED, TYPE_MISMATCH, CYCLE for a view of itself, and CONFIGURATION_INVALID for one without `iterate` and `where`.
 */
export function view<const Name extends string, P extends HasSchema, I extends Iteration = Iteration<{}>>(
  name: Name,
  { of, ...options }: { readonly of: P } & ViewOptions<SchemaOf<P>, I>,
): Definition<ViewSchema<Name, ColumnsOfIteration<I>, SchemaOf<P>>> {
  validateName(name, 'table')
  const parent = tableDefinition(of as never)
  refuseCycle(name, parent)
  const row = rowOf(parent) as never
  const iteration = options.iterate && iterationState(options.iterate(row))
  const condition = options.where && parseOperand(options.where(row), { kind: 'boolean' }, `where of '${name}'`)
  if (!iteration && !condition)
    throw new VivantError('CONFIGURATION_INVALID', `the view '${name}' would be '${parent.name}' again: give it { iterate } or { where }`)
  const made = iteration?.iterator.columns ?? []
  const functions = new Set<FunctionDefinition>([
    ...(iteration ? [functionOfIterator(iteration.iterator), ...iteration.functions] : []),
    ...(condition?.functions ?? []),
  ])
  for (const definition of functions)
    if (definition.name === null)
      throw new VivantError('FUNCTION_UNNAMED', `the view '${name}' calls a function without a name: give it one, as workers find the code by it`)
  const source: ViewDefinition = Object.freeze({
    parent,
    expansion: iteration ? callNode(iteration.node.iterator, iteration.node.operands, rowsOf(made)) : literalNode([{}], rowsOf([])),
    where: condition?.node ?? null,
    functions: Object.freeze([...functions]),
  })
  for (const node of [source.expansion, ...(source.where ? [source.where] : [])]) refuseCells(name, node)
  return new DefinitionImpl({
    name,
    description: options.description ?? null,
    columns: Object.freeze([storedColumn({ name: 'pos', type: { kind: 'int' }, nullable: false, description: null }), ...made.map(storedColumn)]),
    constraints: Object.freeze({ primaryKey: null, unique: [], indexes: [] }),
    computed: [],
    embeddingIndexes: [],
    view: source,
  }) as unknown as Definition<ViewSchema<Name, ColumnsOfIteration<I>, SchemaOf<P>>>
}

/** Names are what tables are known by: one that comes back among its own ancestors would be a view of itself. */
function refuseCycle(name: string, parent: TableDefinition): void {
  const path = [name]
  for (let above: TableDefinition | undefined = parent; above; above = above.view?.parent) {
    path.push(above.name)
    if (above.name === name)
      throw new VivantError('CYCLE', `'${name}' would be a view of itself: ${path.join(' → ')}; give one of the two another name`, {
        details: { table: name, path },
      })
  }
}

function rowsOf(columns: readonly IteratorColumn[]): ExpressionNode['type'] {
  const fields = Object.fromEntries(columns.map(({ name, type, nullable }) => [name, { type, nullable }]))
  return { kind: 'array', element: { kind: 'record', fields } }
}

function storedColumn({ name, type, nullable, description }: IteratorColumn): StoredColumnDefinition {
  return Object.freeze({ name, type, nullable, description, unique: false, primaryKey: false, references: null, check: null, min: null, max: null })
}

function refuseCells(name: string, expression: ExpressionNode): void {
  for (const node of walkNodes(expression))
    if (node.node === 'cell')
      throw new VivantError('EXPRESSION_INVALID', `the view '${name}' uses the state of a cell, which only a query can`, { details: { table: name } })
}
