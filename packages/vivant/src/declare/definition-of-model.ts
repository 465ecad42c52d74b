import type {
  ComputedColumnDefinition,
  EmbeddingIndexDefinition,
  ExpressionNode,
  FunctionDefinition,
  FunctionReference,
  FunctionRegistry,
  StoredColumnDefinition,
  TableDefinition,
  ViewDefinition,
} from '@vivant/core'
import { VivantError, walkNodes } from '@vivant/core'
import {
  cellById,
  type CellColumn,
  type ColumnDeclaration,
  readDefinition,
  type SqlClient,
  type StorableDefinition,
  type TableModel,
  type VirtualColumn,
} from '@vivant/storage'
import type { CatalogIndex } from './declared-column.ts'
import { noRules } from './standing-definition.ts'

/**
 * The definition of a table as the catalog has it: of one that this program does not define, or of what others have added to it. A view's has
 * those of the tables above it. Throws TABLE_NOT_FOUND when it is dropped meanwhile.
 */
export async function readTableDefinition(client: SqlClient, model: TableModel, registry: FunctionRegistry): Promise<TableDefinition> {
  const declared = await readDefinition(client, model.id)
  if (!declared) throw new VivantError('TABLE_NOT_FOUND', `the table '${model.name}' was dropped`, { details: { table: model.name } })
  return { ...definitionOfModel(model, declared, registry), view: model.view && (await viewDefinition(client, model.view, registry)) }
}

async function viewDefinition(
  client: SqlClient,
  { parent, expansionId }: NonNullable<TableModel['view']>,
  registry: FunctionRegistry,
): Promise<ViewDefinition> {
  const { declared: expansion, declaredCondition: where } = cellById(parent, expansionId)
  return { parent: await readTableDefinition(client, parent, registry), expansion, where, functions: functionsOf([expansion, where], registry) }
}

function definitionOfModel(model: TableModel, declared: StorableDefinition, registry: FunctionRegistry): Omit<TableDefinition, 'view'> {
  const visible = [...model.cells.filter((cell) => cell.kind === 'computed'), ...model.virtual].toSorted((a, b) => a.position - b.position)
  return {
    name: model.name,
    description: declared.description,
    columns: model.stored
      .filter(({ name }) => !name.startsWith('_'))
      .map((column): StoredColumnDefinition => {
        const rules = declared.columns.find((candidate) => candidate.name === column.name)
        const filled = declared.adopted?.filled.includes(column.name) ?? false
        return { ...(rules ?? noRules), name: column.name, type: column.type, nullable: column.nullable, ...(filled && { filled }) }
      }),
    constraints: declared.constraints,
    computed: visible.map((column) => computedColumn(column, registry)),
    embeddingIndexes: model.cells.flatMap((cell) => (cell.kind === 'embedding' ? [embeddingIndex(cell, registry)] : [])),
  }
}

function computedColumn(column: CellColumn | VirtualColumn, registry: FunctionRegistry): ComputedColumnDefinition {
  const { name, declared: expression, nullable } = column
  const condition = column.kind === 'virtual' ? null : column.declaredCondition
  const functions = functionsOf([expression, condition], registry)
  return { name, expression, nullable, options: column.kind === 'virtual' ? virtualOptions : column.options, functions }
}

/** The code of every call. */
function functionsOf(expressions: readonly (ExpressionNode | null)[], registry: FunctionRegistry): readonly FunctionDefinition[] {
  const calls = expressions.flatMap((expression) => (expression ? [...walkNodes(expression)] : []))
  return [...new Set(calls.flatMap((node) => (node.node === 'call' ? [functionAt(registry, node.function, node.type)] : [])))]
}

const virtualOptions: ComputedColumnDefinition['options'] = {
  when: null,
  onError: 'block',
  priority: 0,
  retry: null,
  description: null,
  onCodeChange: 'recompute',
}

function embeddingIndex(cell: CellColumn, registry: FunctionRegistry): EmbeddingIndexDefinition {
  const { name, column, metric, model, dimensions, query } = cell.options['index'] as CatalogIndex
  const embed = cell.declared.node === 'call' ? cell.declared.function : query
  return {
    name,
    column,
    metric,
    model: { name: model, dimensions, embed: functionAt(registry, embed, cell.type), embedQuery: functionAt(registry, query, cell.type) },
  }
}

/** The code, or what stands for it in a process that does not have it: it can be described, not run. */
function functionAt(registry: FunctionRegistry, { name, hash }: FunctionReference, type: ColumnDeclaration['type']): FunctionDefinition {
  const known = registry.find(name, hash)
  if (known) return known
  const code = (): never => {
    throw new VivantError('FUNCTION_NOT_REGISTERED', `this program does not have the function '${name}': connect with the module that defines it`, {
      details: { function: name, hash },
    })
  }
  const retry = { attempts: 1, backoff: 'constant', initialMs: 0, maxMs: 0 } as const
  return {
    name,
    hash,
    inputs: [],
    output: { type, nullable: true },
    batch: null,
    pool: 'default',
    concurrency: 1,
    timeoutMs: 300_000,
    retry,
    memo: false,
    code,
  }
}
