import { VivantError } from '../error/vivant-error.ts'
import type { Expression } from '../expression/expression.ts'
import { noteTableOfRow } from '../expression/history/table-of-row.ts'
import { expressionState } from '../expression/expression-state.ts'
import { columnOfParent } from '../expression/parent-column.ts'
import { parseOperand } from '../expression/parse-operand.ts'
import type { ExpressionNode } from '../expression/node.ts'
import { isNodeNullable } from '../expression/tree/node-nullability.ts'
import { walkNodes } from '../expression/tree/walk-nodes.ts'
import { defaultRetry, type FunctionDefinition } from '../function/function-definition.ts'
import type { ColumnOptions } from './definition.ts'
import { requireHistory } from './require-history.ts'
import { rowOf } from './row-of.ts'
import type { Schema } from './schema.ts'
import type { ComputedColumnDefinition, TableDefinition } from './table-definition.ts'
import { validateNewColumn } from './validate-new-column.ts'

/**
 * A computed column of a table as the catalog has it. Throws NAME_INVALID, COLUMN_EXISTS, COLUMN_NOT_FOUND, TYPE_MISMATCH (no expression),
 * FUNCTION_UNNAMED (the catalog finds code by name) and EXPRESSION_INVALID (what only a query can ask).
 */
export function defineComputedColumn<S extends Schema>(
  table: TableDefinition,
  name: string,
  value: (row: never) => Expression,
  options: ColumnOptions<S> = {},
): ComputedColumnDefinition {
  validateNewColumn(table, name)
  const row = rowOf(table)
  noteTableOfRow(row, { isNullable: (column) => isColumnNullable(table, column) })
  const { node: expression, functions } = expressionState(value(row as never))
  const condition = options.when && parseOperand(options.when(row as never), { kind: 'boolean' }, `when of '${name}'`)
  const definitions = [...new Set([...functions, ...(condition?.functions ?? [])])]
  for (const node of [expression, ...(condition ? [condition.node] : [])]) requireStorable(name, node)
  requireNames(name, definitions)
  requireHistory(table, name, expression, condition?.node ?? null)
  const isNullable = isNodeNullable(expression, { column: (column) => isColumnNullable(table, column), functions: definitions })
  return Object.freeze({
    name,
    expression,
    nullable: isNullable || condition !== undefined || options.onError === 'null',
    options: Object.freeze({
      when: condition?.node ?? null,
      onError: options.onError ?? 'block',
      priority: options.priority ?? 0,
      retry: options.retry === undefined ? null : Object.freeze({ ...defaultRetry, ...options.retry }),
      description: options.description ?? null,
      onCodeChange: options.onCodeChange ?? 'recompute',
    }),
    functions: Object.freeze(definitions),
  })
}

/** What stands inside a roll-up is of a view: `createChildren` has looked at it. */
function requireStorable(name: string, node: ExpressionNode): void {
  for (const inner of walkNodes(node)) {
    const isSearch = inner.node === 'operator' && inner.operator === 'similarity' && inner.operands[0]?.type.kind !== 'vector'
    if (inner.node !== 'cell' && inner.node !== 'aggregate' && inner.node !== 'subquery' && !isSearch) continue
    const what = isSearch
      ? 'a search by similarity'
      : inner.node === 'aggregate'
        ? 'an aggregate of a group'
        : inner.node === 'subquery'
          ? 'a subquery'
          : 'the state of a cell'
    throw new VivantError('EXPRESSION_INVALID', `'${name}' uses ${what}, which only a query can`, {
      details: { column: name },
    })
  }
}

function requireNames(name: string, functions: readonly FunctionDefinition[]): void {
  if (functions.every((definition) => definition.name !== null)) return
  throw new VivantError('FUNCTION_UNNAMED', `'${name}' calls a function without a name: give it one, as workers find the code by it`, {
    details: { column: name },
  })
}

function isColumnNullable(table: TableDefinition, column: string): boolean {
  const above = table.view ? columnOfParent(column) : undefined
  if (table.view && above !== undefined) return isColumnNullable(table.view.parent, above)
  const found = [...table.columns, ...table.computed].find((candidate) => candidate.name === column)
  return found?.nullable ?? false
}
