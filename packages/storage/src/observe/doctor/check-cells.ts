import { systemPool } from '../../capture/capture-functions.ts'
import { cellById, type CellColumn, revisionTable, type TableModel, maxIdsPerTask } from '../../catalog/table-model.ts'
import type { SqlClient } from '../../connection/sql-client.ts'
import { awaitsFanOut, cellAlias, cellRowId, currentCondition, currentToken } from '../../ddl/live-view.ts'
import { quoteName } from '../../ddl/quote.ts'
import { waitsText } from '../../roll-up/roll-up-text.ts'
import type { Finding, FindingKind } from './finding.ts'

const listedIds = 20

/** A fault of some cells of a column: which rows, what it means, and the statement that mends it. */
interface CellCheck {
  readonly kind: FindingKind
  readonly message: string
  /** Gives `_id`. */
  readonly rows: string
  /** What mends it: statements over `bad(_id)`, each of which may read the one before as `mend0`, `mend1`; none when nothing does. */
  readonly repair: readonly string[]
}

/**
 * One query per column and fault, each in one snapshot. With `repair` the same query mends what it finds, in its own
 * transaction.
 */
export async function checkCells(client: SqlClient, model: TableModel, column: CellColumn, repair: boolean): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const check of checksOf(model, column)) {
    const mend = repair ? check.repair.map((text, index) => `, mend${index} as (${text})`).join('') : ''
    const { rows } = await client.queryArrays({
      text: `with bad as materialized (${check.rows})${mend}
select count(*), (select array_agg(_id) from (select _id from bad order by _id limit ${listedIds}) f) from bad`,
      values: [],
    })
    const count = Number(rows[0]![0])
    if (!count) continue
    const name = column.name
    findings.push({
      kind: check.kind,
      table: model.name,
      column: name,
      count,
      message: `Cells of "${model.name}.${name}" ${check.message}: ${count}.`,
      ids: ((rows[0]![1] ?? []) as readonly unknown[]).map(Number),
      repairable: check.repair.length > 0,
    })
  }
  return findings
}

function checksOf(model: TableModel, column: CellColumn): readonly CellCheck[] {
  const own = cellAlias(column)
  const key = quoteName(model.idColumn)
  const table = quoteName(model.schemaName, model.name)
  const cells = `vivant_data.${quoteName(column.cellTable)}`
  const joins = [column, ...column.cellInputs.map((id) => cellById(model, id))]
    .map((cell) => `left join vivant_data.${quoteName(cell.cellTable)} ${cellAlias(cell)} on ${cellAlias(cell)}._id = ${cellRowId(model, cell)}`)
    .join('\n  ')
  const current = `coalesce(${currentCondition(model, column)}, false)`
  const inputsThere = column.cellInputs
    .map((id) => ` and ${cellAlias(cellById(model, id))}.status is not null and ${cellAlias(cellById(model, id))}.status not in ('error', 'partial')`)
    .join('')
  // what it waits for brings its task
  const waits = column.rollUps
    .filter(({ node }) => node.wait === 'all')
    .map((rollUp) => ` and not ${waitsText(model, rollUp, `t.${key}`, 't')}`)
    .join('')
  const covered = `t.${key} not in (select unnest(k.ids) from vivant.task k where k.table_id = ${model.id} and k.kind <> 'sweep' and k.pool = (select pool from vivant."column" where id = ${column.id}) and (k.columns is null or ${column.id} = any(k.columns))) and not ${awaitsFanOut(model)}`
  const swept = (states: string): string =>
    `exists (select from vivant.backfill b where b.id = (select max(id) from vivant.backfill where column_id = ${column.id}) and b.state in (${states}) and t.${key} > b.swept and (b.upper_bound is null or t.${key} <= b.upper_bound))`
  const enqueue = `insert into vivant.task (table_id, pool, kind, ids, columns) select ${model.id}, (select pool from vivant."column" where id = ${column.id}), 'fresh', array_agg(n._id order by n._id), array[${column.id}]
  from (select _id, (row_number() over (order by _id) - 1) / ${maxIdsPerTask} as chunk from bad) n group by n.chunk`
  const lacking = `select t.${key} as _id from ${table} t
  ${joins}
  where (select state from vivant."column" where id = ${column.id}) <> 'declaring'`
  const notCurrent = `not ${current}${inputsThere}${waits}`
  // an error waits for its retry, whatever its token says
  const waiting = `${current} and ${own}.status = 'error'`
  const ahead = `${own}.version > (select version from vivant."column" where id = ${column.id}) or ${own}.token > ${currentToken(model, column)}`
  return [
    {
      kind: 'ahead',
      message: 'come from a version or from inputs that are newer than what there is',
      rows: `select t.${key} as _id from ${table} t
  ${joins}
  where ${ahead}`,
      repair: [`delete from ${cells} c using bad where c._id = bad._id`],
    },
    {
      kind: 'orphan',
      message: 'belong to rows that are gone, and no task sweeps them',
      rows: `select c._id from ${cells} c where not exists (select from ${table} t where t.${key} = c._id)
    and c._id not in (select unnest(k.ids) from vivant.task k where k.table_id = ${model.id} and k.kind = 'sweep')`,
      repair: [
        `insert into vivant_data.${revisionTable(model.id)} as r (_id, attnum, rev) select _id, 0, nextval('vivant.seq') from bad order by _id
    on conflict (_id, attnum) do update set rev = excluded.rev returning r._id`,
        `insert into vivant.task (table_id, pool, kind, ids) select ${model.id}, '${systemPool}', 'sweep', array_agg(n._id order by n._id)
  from (select _id, (row_number() over (order by _id) - 1) / ${maxIdsPerTask} as chunk from mend0) n group by n.chunk`,
      ],
    },
    {
      kind: 'uncovered',
      message: 'are not current, and neither a task nor a backfill will look at them',
      rows: `${lacking} and ((${notCurrent}) or (${waiting})) and ${covered} and not ${swept(`'running', 'paused', 'cancelled'`)}`,
      repair: [enqueue],
    },
    {
      kind: 'cancelled',
      message: 'were left by a backfill that was cancelled: recompute() brings them',
      rows: `${lacking} and ${notCurrent} and ${covered} and ${swept(`'cancelled'`)}`,
      repair: [],
    },
  ]
}
