import { VivantError } from '@vivant/core'
import type { Database } from '../connection/database.ts'
import { quoteName } from '../ddl/quote.ts'

interface ScannedTable {
  readonly schema: string
  readonly name: string
  readonly columns: readonly string[]
  /** Of a cell table: the table of its rows. */
  readonly rowSchema: string | null
  readonly rowTable: string | null
  readonly rowId: string | null
}

/**
 * Every column of the database that can hold a reference to a medium, whoever made its table: text, JSON, arrays and composites of them, of
 * ordinary tables, materialized views and cells, dropped versions' too. More is kept than need be; nothing that is mentioned is missed.
 */
const tablesQuery = `select n.nspname as schema, c.relname as name, array_agg(a.attname order by a.attnum) as columns,
  o.schema_name as "rowSchema", o.name as "rowTable", o.id_column as "rowId"
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_type t on t.oid = a.atttypid
left join pg_type e on e.oid = t.typelem and t.typcategory = 'A'
left join (vivant."column" k join vivant."table" o on o.id = k.table_id) on n.nspname = 'vivant_data' and k.cell_table = c.relname
where c.relkind in ('r', 'm') and c.relpersistence <> 't'
  and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
  and not (n.nspname = 'vivant' and c.relname in ('media', 'media_mention', 'media_source', 'migration', 'worker', 'task'))
  and (t.typcategory in ('S', 'C') or t.typname in ('json', 'jsonb', 'xml', 'hstore') or e.typcategory in ('S', 'C') or e.typname in ('json', 'jsonb', 'xml', 'hstore'))
group by n.nspname, c.relname, o.schema_name, o.name, o.id_column
order by n.nspname, c.relname`

/**
 * Writes down, under the name of this run, which media the database mentions: each table in a statement and a snapshot of its own, so that no
 * lock lasts and the embedded engine's one connection is given back in between. Gives the number of tables.
 *
 * @throws DATABASE_ERROR a table cannot be read as a whole (no right to it, or row-level security): then nothing can be told of any medium
 */
export async function scanMentions(database: Database, run: string): Promise<number> {
  const { rows: tables } = await database.query<ScannedTable>(tablesQuery)
  for (const table of tables) await scanTable(database, run, table)
  return tables.length
}

async function scanTable(database: Database, run: string, table: ScannedTable): Promise<void> {
  const { schema, name, columns, rowSchema, rowTable, rowId } = table
  // Nobody can reach the cells of a row that is gone, and they may lie there for long.
  const hasRow =
    rowSchema === null || rowTable === null || rowId === null
      ? 'true'
      : `exists (select from ${quoteName(rowSchema, rowTable)} o where o.${quoteName(rowId)} = x._id)`
  const texts = columns.map((column) => `x.${quoteName(column)}::text`)
  try {
    await database.transaction(async (tx) => {
      // Rows that a policy hides would be missed: with this they are an error.
      await tx.query('set local row_security = off')
      // JSON may write a slash as \/.
      await tx.query({
        text: `insert into vivant.media_mention (run, sha256)
select distinct $1::uuid, m[1] from ${quoteName(schema, name)} x
cross join lateral regexp_matches(concat_ws(' ', ${texts.join(', ')}), 'vivant:\\\\?/\\\\?/([0-9a-f]{64})', 'g') m
where (${texts.map((text) => `${text} like '%vivant:%'`).join(' or ')}) and ${hasRow}
on conflict do nothing`,
        values: [run],
      })
    })
  } catch (error) {
    const { code } = error as { readonly code?: string }
    // dropped since
    if (code === '42P01' || code === '42703') return
    throw new VivantError(
      'DATABASE_ERROR',
      `"${schema}"."${name}" cannot be read as a whole (${error instanceof Error ? error.message : String(error)}), so what it refers to cannot be told and nothing is collected.`,
      { cause: error, details: { schema, table: name } },
    )
  }
}
