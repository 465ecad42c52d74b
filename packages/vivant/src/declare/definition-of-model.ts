import type {
  ComputedColumnDefinition,
  EmbeddingIndexDefinition,
  FunctionDefinition,
  FunctionReference,
  FunctionRegistry,
  StoredColumnDefinition,
  TableDefinition,
} from '@vivant/core'
import { VivantError, walkNodes } from '@vivant/core'
import type { CellColumn, ColumnDeclaration, StorableDefinition, TableModel, VirtualColumn } from '@vivant/storage'
import type { CatalogIndex } from './declared-column.ts'
import { noRules } from './standing-definition.ts'

/** The definition of a table as the catalog has it: of one that this program does not define, or of what others have added to it. */
export function definitionOfModel(model: TableModel, declared: StorableDefinition, registry: FunctionRegistry): TableDefinition {
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
    view: null,
  }
}

function computedColumn(column: CellColumn | VirtualColumn, registry: FunctionRegistry): ComputedColumnDefinition {
  const { name, declared: expression, nullable } = column
  const condition = column.kind === 'virtual' ? null : column.declaredCondition
  const calls = [expression, ...(condition ? [condition] : [])].flatMap((node) => [...walkNodes(node)])
  const functions = calls.flatMap((node) => (node.node === 'call' ? [functionAt(registry, node.function, node.type)] : []))
  return { name, expression, nullable, options: column.kind === 'virtual' ? virtualOptions : column.options, functions: [...new Set(functions)] }
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
