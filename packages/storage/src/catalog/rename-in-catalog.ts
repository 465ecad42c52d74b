import { expansionColumnName, parentColumnName } from '@vivant/core'
import type { SqlTransaction } from '../connection/sql-client.ts'
import { mediaColumnName } from './media-column-name.ts'
import { readTable } from './read-catalog.ts'
import { cellById, type TableModel, viewsOf } from './table-model.ts'
import { updateDefinition, updateReferences } from './update-definition.ts'

export interface ColumnRename {
  readonly tableId: number
  readonly tableName: string
  readonly schemaName: string
  readonly columnId: number
  readonly oldName: string
  readonly newName: string
}

/** A column's name in the catalog, in every expression of its table that reads it, and in what was declared of foreign keys. */
export async function renameInCatalog(tx: SqlTransaction, { tableId, tableName, schemaName, columnId, oldName, newName }: ColumnRename): Promise<void> {
  const name = (column: string): string => (column === oldName ? newName : column)
  await tx.query({ text: 'update vivant."column" set name = $2 where id = $1', values: [columnId, newName] })
  await tx.query({
    text: `update vivant."column" set name = $3 where table_id = $1 and kind = 'media' and name = $2`,
    values: [tableId, mediaColumnName(oldName), mediaColumnName(newName)],
  })
  await tx.query({ text: `update vivant."table" set id_column = $3 where id = $1 and id_column = $2`, values: [tableId, oldName, newName] })
  const model = await readTable(tx, tableId)
  for (const { table, names } of model ? seenFrom(model, tableName, oldName, newName) : []) await renameInTable(tx, table, names)
  await tx.query({
    text: `update vivant."column" set options = jsonb_set(options, '{index,column}', to_jsonb($3::text)) where table_id = $1 and options->'index'->>'column' = $2`,
    values: [tableId, oldName, newName],
  })
  await updateDefinition(tx, tableId, (definition) => ({
    ...definition,
    columns: definition.columns.map((column) => ({
      ...column,
      name: name(column.name),
      check: renameInNodes(column.check, ownNames(oldName, newName)) as typeof column.check,
    })),
    constraints: {
      primaryKey: definition.constraints.primaryKey?.map(name) ?? null,
      unique: definition.constraints.unique.map((columns) => columns.map(name)),
      indexes: definition.constraints.indexes.map((columns) => columns.map(name)),
    },
  }))
  await updateReferences(tx, schemaName, (references) => (references.table === tableName ? { ...references, column: name(references.column) } : references))
}

/** A column's name before and after, as the expressions of one table have it. */
interface RenamedNames {
  /** Null: only roll-ups name it. */
  readonly own: readonly [string, string] | null
  /** Inside roll-ups over one view, or over any. */
  readonly rolledUp: { readonly rows: string | null; readonly names: readonly [string, string] }
}

function ownNames(oldName: string, newName: string): RenamedNames {
  return { own: [oldName, newName], rolledUp: { rows: null, names: [parentColumnName(oldName), parentColumnName(newName)] } }
}

/** The tables that may name a column: its own, those below it through `parent`, and its parent in what it says of the view's rows. */
function seenFrom(model: TableModel, tableName: string, oldName: string, newName: string): readonly { readonly table: number; readonly names: RenamedNames }[] {
  const below = (table: TableModel, names: RenamedNames): readonly { readonly table: number; readonly names: RenamedNames }[] => [
    { table: table.id, names },
    ...viewsOf(table).flatMap((view) => below(model.family.get(view.id) ?? view, ownNames(...names.rolledUp.names))),
  ]
  const above = model.view && [
    { table: model.view.parentId, names: { own: null, rolledUp: { rows: expansionColumnName(tableName), names: [oldName, newName] } } } as const,
  ]
  return [...below(model, ownNames(oldName, newName)), ...(above ?? [])]
}

/** In the columns of a table, and in what is still to be published of them. */
async function renameInTable(tx: SqlTransaction, tableId: number, names: RenamedNames): Promise<void> {
  const columns = await tx.query<{ id: number; expression: unknown; condition: unknown; options: unknown }>({
    text: 'select id, expression, condition, options from vivant."column" where table_id = $1 and expression is not null',
    values: [tableId],
  })
  for (const { id, expression, condition, options } of columns.rows)
    await tx.query({
      text: 'update vivant."column" set expression = $2, condition = $3, options = $4 where id = $1',
      values: [
        id,
        JSON.stringify(renameInNodes(expression, names)),
        condition === null ? null : JSON.stringify(renameInNodes(condition, names)),
        JSON.stringify(renameInNodes(options, names)),
      ],
    })
  const pending = await tx.query<{ id: number; detail: unknown }>({
    text: `select id, detail from vivant.operation where table_id = $1 and kind = 'publish' and ended_at is null`,
    values: [tableId],
  })
  for (const { id, detail } of pending.rows)
    await tx.query({ text: 'update vivant.operation set detail = $2 where id = $1', values: [id, JSON.stringify(renameInNodes(detail, names))] })
}

/** The JSON of expressions, wherever they stand in a value. */
function renameInNodes(value: unknown, names: RenamedNames): unknown {
  if (Array.isArray(value)) return value.map((item) => renameInNodes(item, names))
  if (typeof value !== 'object' || value === null) return value
  const node = value as { readonly node?: unknown; readonly column?: unknown; readonly rows?: { readonly column: string }; readonly aggregate?: unknown }
  if (node.node === 'literal') return value
  if (node.node === 'rollUp') {
    const { rows, names: inside } = names.rolledUp
    const isOver = rows === null || node.rows?.column === rows
    const aggregate = isOver ? renameInNodes(node.aggregate, { own: inside, rolledUp: names.rolledUp }) : node.aggregate
    return { ...node, rows: renameInNodes(node.rows, names), aggregate }
  }
  const copy = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, renameInNodes(part, names)]))
  return (copy['node'] === 'column' || copy['node'] === 'cell') && names.own && copy['column'] === names.own[0] ? { ...copy, column: names.own[1] } : copy
}

/** The parent's column that makes a view's rows begins with the view's name. */
export async function renameExpansion(tx: SqlTransaction, view: TableModel, newName: string): Promise<void> {
  const { parent, expansionId } = view.view!
  const expansion = cellById(parent, expansionId)
  await renameInCatalog(tx, {
    tableId: parent.id,
    tableName: parent.name,
    schemaName: parent.schemaName,
    columnId: expansionId,
    oldName: expansion.name,
    newName: expansionColumnName(newName),
  })
}
