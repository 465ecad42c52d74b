import type { Database, SqlClient } from '@vivant/storage'

/** What the checker found wrong with one column of a table. */
export interface Finding {
  readonly table: string
  readonly column: string
  /** uncovered: not current, and nothing will make it so. stuck: an `error` without a retry. stale, missing, unfinished, orphan: only at rest. */
  readonly problem: 'uncovered' | 'stuck' | 'stale' | 'missing' | 'unfinished' | 'orphan'
  readonly ids: readonly number[]
}

interface CatalogColumn {
  readonly table_id: number
  readonly schema_name: string
  readonly table_name: string
  readonly id_column: string
  readonly id: number
  readonly name: string
  readonly kind: string
  readonly attnum: number | null
  readonly state: string
  readonly pool: string
  readonly version: number
  readonly cell_table: string | null
  readonly reads: readonly string[] | null
  readonly roll_ups: readonly RollUp[] | null
}

interface RollUp {
  readonly rows: { readonly column: string }
  readonly wait: 'all' | 'none'
  readonly reads: readonly string[]
}

/**
 * Invariant 1, read from the catalog's rows and the cells by SQL of its own, none of the product's code: every cell that is
 * not current, whose input cells exist and are not `error`, is covered by a task of its pool or by an open backfill of its
 * column. And every `error` has a task that will try again.
 */
export async function findUncovered(database: Database, tableId: number | null = null): Promise<readonly Finding[]> {
  return findings(database, tableId, (columns, column) => {
    if (column.state === 'declaring') return null
    const { current, inputsReady } = conditions(columns, column)
    return `select case when ${current} then 'stuck' else 'uncovered' end as problem, t."${column.id_column}" as id
      from ${source(columns, column)}
      where ((not ${current} and ${inputsReady}) or (${current} and own.status = 'error'))
        and not exists (select from vivant.task k where k.table_id = ${column.table_id} and k.pool = '${column.pool}' and (k.kind <> 'retry' or k.run_at is not null) and t."${column.id_column}" = any(k.ids))
        and not exists (select from vivant.backfill f where f.column_id = ${column.id} and f.state in ('running', 'paused')
          and t."${column.id_column}" > f.swept and (f.upper_bound is null or t."${column.id_column}" <= f.upper_bound))`
  })
}

/** Nothing is under way: every row has a current cell in every column, and none is in between. */
export async function findUnsettled(database: Database, tableId: number | null = null): Promise<readonly Finding[]> {
  return findings(database, tableId, (columns, column) => {
    const { current } = conditions(columns, column)
    return `select case when own._id is null then 'missing' when not ${current} then 'stale' else 'unfinished' end as problem, t."${column.id_column}" as id
      from ${source(columns, column)} where own._id is null or not ${current} or own.status = 'error'
      union all
      select 'orphan', c._id from vivant_data."${column.cell_table}" c
      where not exists (select from "${column.schema_name}"."${column.table_name}" t where t."${column.id_column}" = c._id)`
  })
}

/** A table was dropped between the snapshot and its reading, or a TRUNCATE locks tables in another order. */
const lookAgain: ReadonlySet<string> = new Set(['42P01', '40P01'])

/** Catalog, cells, tasks and backfills in one snapshot: whatever commits meanwhile, what is seen stood together at one moment. */
async function findings(
  database: Database,
  tableId: number | null,
  queryOf: (columns: readonly CatalogColumn[], column: CatalogColumn) => string | null,
): Promise<readonly Finding[]> {
  try {
    return await database.transaction(
      async (tx) => {
        const columns = await readColumns(tx, tableId)
        const texts = columns.map((column) => (column.cell_table === null ? null : queryOf(columns, column)))
        const parts = texts.flatMap((text, at) =>
          text === null ? [] : [`select ${at} as at, f.problem, array_agg(f.id order by f.id) as ids from (${text}) f group by f.problem`],
        )
        if (!parts.length) return []
        const { rows } = await tx.query<{ at: number; problem: Finding['problem']; ids: readonly number[] }>(parts.join('\nunion all\n'))
        return rows.map(({ at, problem, ids }) => ({ table: columns[at]!.table_name, column: columns[at]!.name, problem, ids }))
      },
      { isolation: 'repeatable read', readOnly: true },
    )
  } catch (error) {
    if (lookAgain.has((error as { code?: string }).code ?? '')) return findings(database, tableId, queryOf)
    throw error
  }
}

async function readColumns(client: SqlClient, tableId: number | null): Promise<readonly CatalogColumn[]> {
  const { rows } = await client.query<CatalogColumn>({
    text: `select t.id as table_id, t.schema_name, t.name as table_name, t.id_column,
  c.id, c.name, c.kind, c.attnum, c.state, c.pool, c.version, c.cell_table,
  (select array_agg(distinct n #>> '{}') from jsonb_path_query(jsonb_build_array(c.expression, c.condition), '$.** ? (@.node == "column" && @.source < 1000000).column') n) as reads,
  (select jsonb_agg(r || jsonb_build_object('reads', jsonb_path_query_array(r, '$.aggregate.** ? (@.node == "column").column')))
    from jsonb_path_query(jsonb_build_array(c.expression, c.condition), '$.** ? (@.node == "rollUp")') r) as roll_ups
from vivant."column" c join vivant."table" t on t.id = c.table_id
where $1::int is null or t.id = $1 order by t.id, c.id`,
    values: [tableId],
  })
  return rows
}

/** The row, its revisions, its own cell as `own` and its input cells as `i<id>`; all behind a prefix where they stand inside another row. */
function source(columns: readonly CatalogColumn[], column: CatalogColumn, prefix = ''): string {
  const [row, own] = [`${prefix}t`, `${prefix}own`]
  const joins = inputsOf(columns, column).flatMap((input) =>
    input.cell_table ? [`left join vivant_data."${input.cell_table}" ${prefix}i${input.id} on ${prefix}i${input.id}._id = ${row}."${column.id_column}"`] : [],
  )
  return `"${column.schema_name}"."${column.table_name}" ${row} left join vivant_data."${column.cell_table}" ${own} on ${own}._id = ${row}."${column.id_column}" ${joins.join(' ')}`
}

function conditions(columns: readonly CatalogColumn[], column: CatalogColumn, prefix = ''): { readonly current: string; readonly inputsReady: string } {
  const inputs = inputsOf(columns, column)
  const attnums = [0, ...inputs.flatMap((input) => input.attnum ?? [])]
  const cells = inputs.filter((input) => input.cell_table !== null)
  const [id, own] = [`${prefix}t."${column.id_column}"`, `${prefix}own`]
  const revisions = `coalesce((select sum(r.rev) from vivant_data.rev_${column.table_id} r where r._id = ${id} and r.attnum in (${attnums.join(', ')})), 0)`
  const logs = logsOf(columns, column).map(
    ({ view, keys }) => `coalesce((select sum(l.n) from vivant_data.log_${view} l where l._id = ${id} and l.key in (${keys.join(', ')})), 0)`,
  )
  const now = [revisions, ...cells.map((input) => `${prefix}i${input.id}.seq`), ...logs].join(' + ')
  const waits = (column.roll_ups ?? []).filter(({ wait }) => wait === 'all').map((rollUp) => childrenReady(columns, column, rollUp, prefix))
  return {
    current: `coalesce(${own}.version = ${column.version} and ${own}.token = ${now}, false)`,
    inputsReady: `(${['true', ...cells.map((input) => `(${prefix}i${input.id}.status is not null and ${prefix}i${input.id}.status not in ('error', 'partial'))`), ...waits].join(' and ')})`,
  }
}

/** What the rows of a view are, as a roll-up of the parent reads them. */
function rolledUp(
  columns: readonly CatalogColumn[],
  column: CatalogColumn,
  { rows, reads }: RollUp,
): { readonly view: number; readonly read: readonly CatalogColumn[] } {
  const name = rows.column.replace(/\$rows$/u, '')
  const own = columns.filter((entry) => entry.table_name === name && entry.schema_name === column.schema_name)
  const read = reads.map((inner) => own.find((entry) => entry.name === inner)!)
  if (own.length === 0 || read.includes(undefined as never)) throw new Error(`the checker does not know what "${column.name}" reads of "${name}"`)
  return { view: own[0]!.table_id, read }
}

function logsOf(columns: readonly CatalogColumn[], column: CatalogColumn): readonly { readonly view: number; readonly keys: readonly number[] }[] {
  const keys = new Map<number, Set<number>>()
  for (const rollUp of column.roll_ups ?? []) {
    const { view, read } = rolledUp(columns, column, rollUp)
    keys.set(view, new Set([...(keys.get(view) ?? []), ...read.map((entry) => (entry.cell_table ? -entry.id : entry.attnum!))]))
  }
  return [...keys].flatMap(([view, list]) => (list.size ? [{ view, keys: [...list] }] : []))
}

/** A column that waits for all rows has to wait no more: the expansion and the cells that decide are current, and none will be tried again. */
function childrenReady(columns: readonly CatalogColumn[], column: CatalogColumn, rollUp: RollUp, prefix: string): string {
  const expansion = columns.find((entry) => entry.table_id === column.table_id && entry.name === rollUp.rows.column)!
  const [above, below] = [`${prefix}e`, `${prefix}v`]
  const id = `${prefix}t."${column.id_column}"`
  const made = `exists (select from ${source(columns, expansion, above)} where ${above}t."${column.id_column}" = ${id} and ${conditions(columns, expansion, above).current} and ${above}own.status not in ('partial', 'error'))`
  const decisive = new Set<CatalogColumn>()
  const visit = (entry: CatalogColumn): void => {
    if (!entry.cell_table || decisive.has(entry)) return
    decisive.add(entry)
    for (const input of inputsOf(columns, entry)) visit(input)
  }
  for (const entry of rolledUp(columns, column, rollUp).read) visit(entry)
  const ready = [...decisive].map(
    (entry) =>
      `not exists (select from ${source(columns, entry, below)} where ${below}t._parent = ${id} and ${below}t.pos < ${prefix}i${expansion.id}.value and not (${conditions(columns, entry, below).current} and ${below}own.status <> 'error'))`,
  )
  return [made, ...ready].join(' and ')
}

function inputsOf(columns: readonly CatalogColumn[], column: CatalogColumn): readonly CatalogColumn[] {
  return (column.reads ?? [])
    .filter((name) => name !== '_id')
    .map((name) => {
      const input = columns.find((entry) => entry.table_id === column.table_id && entry.name === name)
      if (!input || (input.kind !== 'stored' && input.cell_table === null))
        throw new Error(`the checker does not know what "${column.name}" reads as "${name}"`)
      return input
    })
}
