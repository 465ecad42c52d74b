import type { SqlTransaction } from '../connection/sql-client.ts'
import { mediaColumnName } from './media-column-name.ts'
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
  const { rows } = await tx.query<{ id: number; expression: unknown; condition: unknown; options: Readonly<Record<string, unknown>> }>({
    text: 'select id, expression, condition, options from vivant."column" where table_id = $1 and expression is not null',
    values: [tableId],
  })
  for (const row of rows) {
    const index = row.options['index'] as { readonly column: string } | undefined
    const options = { ...(renameInNodes(row.options, oldName, newName) as object), ...(index && { index: { ...index, column: name(index.column) } }) }
    await tx.query({
      text: 'update vivant."column" set expression = $2, condition = $3, options = $4 where id = $1',
      values: [
        row.id,
        JSON.stringify(renameInNodes(row.expression, oldName, newName)),
        row.condition === null ? null : JSON.stringify(renameInNodes(row.condition, oldName, newName)),
        JSON.stringify(options),
      ],
    })
  }
  await renameInPublications(tx, tableId, oldName, newName)
  await renameInPending(tx, tableId, oldName, newName)
  await updateDefinition(tx, tableId, (definition) => ({
    ...definition,
    columns: definition.columns.map((column) => ({
      ...column,
      name: name(column.name),
      check: renameInNodes(column.check, oldName, newName) as typeof column.check,
    })),
    constraints: {
      primaryKey: definition.constraints.primaryKey?.map(name) ?? null,
      unique: definition.constraints.unique.map((columns) => columns.map(name)),
      indexes: definition.constraints.indexes.map((columns) => columns.map(name)),
    },
  }))
  await updateReferences(tx, schemaName, (references) => (references.table === tableName ? { ...references, column: name(references.column) } : references))
}

/** What replacements that wait to be published will read. */
async function renameInPublications(tx: SqlTransaction, tableId: number, oldName: string, newName: string): Promise<void> {
  const { rows } = await tx.query<{ id: number; detail: unknown }>({
    text: `select id, detail from vivant.operation where table_id = $1 and kind = 'publish' and ended_at is null`,
    values: [tableId],
  })
  for (const { id, detail } of rows)
    await tx.query({ text: 'update vivant.operation set detail = $2 where id = $1', values: [id, JSON.stringify(renameInNodes(detail, oldName, newName))] })
}

/** What is still to be published reads the column as well. */
async function renameInPending(tx: SqlTransaction, tableId: number, oldName: string, newName: string): Promise<void> {
  const { rows } = await tx.query<{ id: number; detail: unknown }>({
    text: `select id, detail from vivant.operation where table_id = $1 and kind = 'publish' and ended_at is null`,
    values: [tableId],
  })
  for (const { id, detail } of rows)
    await tx.query({ text: 'update vivant.operation set detail = $2 where id = $1', values: [id, JSON.stringify(renameInNodes(detail, oldName, newName))] })
}

/** The JSON of expressions, wherever they stand in a value. */
function renameInNodes(value: unknown, oldName: string, newName: string): unknown {
  if (Array.isArray(value)) return value.map((item) => renameInNodes(item, oldName, newName))
  if (typeof value !== 'object' || value === null || (value as { readonly node?: unknown }).node === 'literal') return value
  const copy = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, renameInNodes(part, oldName, newName)]))
  return (copy['node'] === 'column' || copy['node'] === 'cell') && copy['column'] === oldName ? { ...copy, column: newName } : copy
}
