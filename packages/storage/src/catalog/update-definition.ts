import type { SqlTransaction } from '../connection/sql-client.ts'
import type { StorableDefinition } from '../ddl/definition-json.ts'

/** Keeps what a declaration is compared with at what the table is. */
export async function updateDefinition(tx: SqlTransaction, tableId: number, change: (definition: StorableDefinition) => StorableDefinition): Promise<void> {
  const { rows } = await tx.query<{ definition: StorableDefinition }>({ text: 'select definition from vivant."table" where id = $1', values: [tableId] })
  await tx.query({ text: 'update vivant."table" set definition = $2 where id = $1', values: [tableId, JSON.stringify(change(rows[0]!.definition))] })
}

/** The same for every other table whose foreign keys name this one. */
export async function updateReferences(
  tx: SqlTransaction,
  schemaName: string,
  change: (references: NonNullable<StorableDefinition['columns'][number]['references']>) => NonNullable<StorableDefinition['columns'][number]['references']>,
): Promise<void> {
  const { rows } = await tx.query<{ id: number; definition: StorableDefinition }>({
    text: 'select id, definition from vivant."table" where schema_name = $1 order by id',
    values: [schemaName],
  })
  for (const { id, definition } of rows) {
    const columns = definition.columns.map((column) => (column.references ? { ...column, references: change(column.references) } : column))
    if (JSON.stringify(columns) === JSON.stringify(definition.columns)) continue
    await updateDefinition(tx, id, (standing) => ({ ...standing, columns }))
  }
}
