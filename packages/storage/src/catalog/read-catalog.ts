import type { SqlClient } from '../connection/sql-client.ts'
import { buildModel } from './build-model.ts'
import type { CatalogColumn, CatalogTable } from './catalog-rows.ts'
import type { TableModel } from './table-model.ts'

export interface TableName {
  readonly schemaName: string
  readonly name: string
}

interface CatalogAnswer {
  readonly entry: CatalogTable
  readonly columns: readonly CatalogColumn[] | null
}

/** Reads a table's whole entry in one snapshot; null when there is none. */
export async function readTable(client: SqlClient, which: number | TableName): Promise<TableModel | null> {
  const byId = typeof which === 'number'
  const { rows } = await client.query<CatalogAnswer>({
    name: byId ? 'vivant_table_by_id' : 'vivant_table_by_name',
    text: `${catalogQuery} where ${byId ? 't.id = $1' : 't.schema_name = $1 and t.name = $2'}`,
    values: byId ? [which] : [which.schemaName, which.name],
  })
  return rows[0] ? modelOf(rows[0]) : null
}

export async function readTables(client: SqlClient, schemaName?: string): Promise<readonly TableModel[]> {
  const { rows } = await client.query<CatalogAnswer>({
    text: `${catalogQuery} where $1::text is null or t.schema_name = $1 order by t.id`,
    values: [schemaName ?? null],
  })
  return rows.map(modelOf)
}

function modelOf(answer: CatalogAnswer): TableModel {
  return buildModel(answer.entry, answer.columns ?? [])
}

const catalogQuery = `select jsonb_build_object('id', t.id, 'schemaName', t.schema_name, 'liveSchema', (select value from vivant.setting where key = 'live_schema'),
    'name', t.name, 'relation', t.relation::bigint, 'idColumn', t.id_column, 'idAttnum', t.id_attnum, 'schemaVersion', t.schema_version,
    'view', (select jsonb_build_object('parentId', e.table_id, 'expansionId', e.id, 'expansionTable', e.cell_table) from vivant."column" e where e.id = t.expansion_id)) as entry,
  (select jsonb_agg(jsonb_build_object('id', c.id, 'name', c.name, 'kind', c.kind, 'attnum', c.attnum, 'type', c.type, 'nullable', c.nullable,
      'expression', c.expression, 'condition', c.condition, 'pool', c.pool, 'version', c.version, 'state', c.state, 'codeHash', c.code_hash,
      'codeHashes', c.code_hashes, 'options', c.options, 'cellTable', c.cell_table, 'position', c.position) order by c.position, c.id)
    from vivant."column" c where c.table_id = t.id) as columns
from vivant."table" t`
