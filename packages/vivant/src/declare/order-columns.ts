import { columnOfParent, columnsOf, type ExpressionNode, type TableDefinition, viewOfExpansion, walkNodes } from '@vivant/core'
import { type DeclaredColumn, declaredName } from './declared-column.ts'

interface ColumnKey {
  readonly table: string
  readonly column: string
}

/**
 * Which of several tables' columns can be declared already. A column of a table may read the rows of its views, and a view's columns those of
 * their parent: so neither table comes first as a whole.
 */
export class ColumnOrder {
  /** The columns that are still to be declared; those of a table that is still to be made too. */
  readonly #left = new Map<string, Set<string>>()

  constructor(tables: readonly { readonly table: TableDefinition; readonly declared: readonly DeclaredColumn[] }[]) {
    for (const { table, declared } of tables) this.#left.set(table.name, new Set([tableItself, ...declared.map(declaredName)]))
  }

  /** The table stands, with the columns that users write. */
  made(table: TableDefinition): void {
    this.#left.get(table.name)?.delete(tableItself)
  }

  /** Takes those that read nothing that is still to come: they are declared next. */
  take(table: TableDefinition, declared: readonly DeclaredColumn[]): readonly DeclaredColumn[] {
    const taken: DeclaredColumn[] = []
    const left = this.#left.get(table.name)
    for (const column of declared) {
      if (!left?.has(declaredName(column)) || readsOf(table, column).some((read) => this.#isToCome(read))) continue
      taken.push(column)
      left.delete(declaredName(column))
    }
    return taken
  }

  /** Those that need each other, and so can never be declared: each with its table. */
  get rest(): readonly string[] {
    return [...this.#left].flatMap(([table, columns]) => [...columns].map((column) => `${table}.${column}`))
  }

  #isToCome({ table, column }: ColumnKey): boolean {
    return this.#left.get(table)?.has(column) ?? false
  }
}

/** Stands for the table among its columns. */
const tableItself = ''

function readsOf(table: TableDefinition, declared: DeclaredColumn): readonly ColumnKey[] {
  if (declared.kind === 'embedding') return [{ table: table.name, column: declared.index.column }]
  const { expression, options } = declared.column
  return [expression, ...(options.when ? [options.when] : [])].flatMap((node) => nodeReads(table, node))
}

function nodeReads(table: TableDefinition, node: ExpressionNode): readonly ColumnKey[] {
  const own = columnsOf(node).flatMap(({ column }) => columnKey(table, column))
  const below = [...walkNodes(node)].flatMap((inner): readonly ColumnKey[] => {
    const view = inner.node === 'rollUp' ? viewOfExpansion(inner.rows.column) : undefined
    if (view === undefined || inner.node !== 'rollUp') return []
    return [
      { table: view, column: tableItself },
      ...columnsOf(inner.aggregate).flatMap(({ column }) => (columnOfParent(column) === undefined ? [{ table: view, column }] : [])),
    ]
  })
  return [...own, ...below]
}

function columnKey({ name, view }: TableDefinition, column: string): readonly ColumnKey[] {
  const above = columnOfParent(column)
  if (above === undefined) return [{ table: name, column }]
  return view ? columnKey(view.parent, above) : []
}
