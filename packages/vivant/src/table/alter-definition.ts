import {
  type AnyColumn,
  cellNode,
  columnDefinition,
  columnNode,
  columnNotFound,
  type ComputedColumnDefinition,
  type ExpressionNode,
  mapNode,
  type StoredColumnDefinition,
  type TableDefinition,
  validateNewColumn,
} from '@vivant/core'

// What a handle knows of its table after the schema was changed through it. Pure: the database is changed elsewhere.

export function withStoredColumn(table: TableDefinition, name: string, builder: AnyColumn): TableDefinition {
  validateNewColumn(table, name)
  return { ...table, columns: [...table.columns, columnDefinition(name, builder)] }
}

export function withAlteredColumn(table: TableDefinition, name: string, builder: AnyColumn): TableDefinition {
  requireStored(table, name)
  return { ...table, columns: table.columns.map((column) => (column.name === name ? columnDefinition(name, builder) : column)) }
}

export function withoutColumn(table: TableDefinition, name: string): TableDefinition {
  requireColumn(table, name)
  const keep = (column: { readonly name: string }): boolean => column.name !== name
  const group = (columns: readonly string[]): boolean => !columns.includes(name)
  const { primaryKey, unique, indexes } = table.constraints
  return {
    ...table,
    columns: table.columns.filter(keep),
    computed: table.computed.filter(keep),
    embeddingIndexes: table.embeddingIndexes.filter((index) => index.column !== name),
    constraints: { primaryKey: primaryKey && group(primaryKey) ? primaryKey : null, unique: unique.filter(group), indexes: indexes.filter(group) },
  }
}

export function withoutIndex(table: TableDefinition, name: string): TableDefinition {
  return { ...table, embeddingIndexes: table.embeddingIndexes.filter((index) => index.name !== name) }
}

export function withComputed(table: TableDefinition, column: ComputedColumnDefinition): TableDefinition {
  const isNew = !table.computed.some((standing) => standing.name === column.name)
  return { ...table, computed: isNew ? [...table.computed, column] : table.computed.map((standing) => (standing.name === column.name ? column : standing)) }
}

export function withRenamedColumn(table: TableDefinition, oldName: string, newName: string): TableDefinition {
  requireColumn(table, oldName)
  validateNewColumn(table, newName)
  const name = (column: string): string => (column === oldName ? newName : column)
  const rename = <C extends { readonly name: string }>(column: C): C => ({ ...column, name: name(column.name) })
  const nodes = (node: ExpressionNode): ExpressionNode => renameInNode(node, oldName, newName)
  const { primaryKey, unique, indexes } = table.constraints
  return {
    ...table,
    columns: table.columns.map((column): StoredColumnDefinition => rename({ ...column, check: column.check && nodes(column.check) })),
    computed: table.computed.map((column): ComputedColumnDefinition => {
      const { options, expression } = column
      return rename({ ...column, expression: nodes(expression), options: { ...options, when: options.when && nodes(options.when) } })
    }),
    embeddingIndexes: table.embeddingIndexes.map((index) => ({ ...index, column: name(index.column) })),
    constraints: {
      primaryKey: primaryKey?.map(name) ?? null,
      unique: unique.map((group) => group.map(name)),
      indexes: indexes.map((group) => group.map(name)),
    },
  }
}

function renameInNode(expression: ExpressionNode, oldName: string, newName: string): ExpressionNode {
  return mapNode(expression, (node) => {
    if (node.node === 'column' && node.column === oldName) return columnNode(newName, node.type, node.source)
    if (node.node === 'cell' && node.column === oldName) return cellNode(newName, node.property, node.type, node.source)
    return undefined
  })
}

function requireStored(table: TableDefinition, name: string): void {
  const names = table.columns.map((column) => column.name)
  if (!names.includes(name)) throw columnNotFound(name, names, { table: table.name })
}

export function requireColumn(table: TableDefinition, name: string): void {
  const names = [...table.columns, ...table.computed].map((column) => column.name)
  if (!names.includes(name)) throw columnNotFound(name, names, { table: table.name })
}
