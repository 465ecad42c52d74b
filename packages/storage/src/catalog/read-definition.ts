import type { SqlClient } from '../connection/sql-client.ts'
import type { StorableDefinition } from '../ddl/definition-json.ts'

/** A table's stored columns and constraints as they were declared, and changed since. */
export async function readDefinition(client: SqlClient, tableId: number): Promise<StorableDefinition | null> {
  const { rows } = await client.query<{ definition: StorableDefinition }>({ text: 'select definition from vivant."table" where id = $1', values: [tableId] })
  return rows[0]?.definition ?? null
}
