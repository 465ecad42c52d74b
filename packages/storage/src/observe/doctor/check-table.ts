import { armTable } from '../../capture/arm-table.ts'
import type { TableModel } from '../../catalog/table-model.ts'
import type { Database } from '../../connection/database.ts'
import type { SqlClient } from '../../connection/sql-client.ts'
import { quoteName } from '../../ddl/quote.ts'
import { followTable } from '../../upkeep/repair-drift.ts'
import type { Finding } from './finding.ts'

type TableFinding = Omit<Finding, 'table' | 'column' | 'ids'>

/** What is wrong with a table itself, its capture and its live view; mended when `repair` says so. */
export async function checkTable(database: Database, model: TableModel, repair: boolean): Promise<readonly Finding[]> {
  const findings: TableFinding[] = []
  const gone = await isGone(database, model)
  if (gone)
    return [
      {
        kind: 'drift',
        table: model.name,
        column: null,
        count: 1,
        ids: [],
        repairable: false,
        message: `The table ${quoteName(model.schemaName, model.name)} is gone, but its entry in the catalog stands: drop it with dropTable.`,
      },
    ]
  const drift = await findDrift(database, model)
  const live = await findLiveView(database, model)
  const triggers = await findTriggers(database, model)
  findings.push(...drift, ...live, ...triggers)
  if (repair && (drift.some((finding) => finding.repairable) || live.length > 0)) await followTable(database, model.id)
  if (repair && triggers.length) await rearm(database, model)
  findings.push(...(await checkSequence(database, model, repair)))
  return findings.map((finding) => ({ ...finding, table: model.name, column: null, ids: [] }))
}

async function isGone(client: SqlClient, model: TableModel): Promise<boolean> {
  const { rows } = await client.query<{ gone: boolean }>({
    text: 'select not exists (select from pg_class where oid = $1::oid) or to_regclass($2) is null as gone',
    values: [model.relation, quoteName(model.schemaName, model.name)],
  })
  return rows[0]!.gone
}

async function findDrift(client: SqlClient, model: TableModel): Promise<readonly TableFinding[]> {
  const { rows } = await client.query<{ name: string; now: string | null }>({
    text: `select c.name, a.attname as now from vivant."column" c left join pg_attribute a on a.attrelid = $2::oid and a.attnum = c.attnum and not a.attisdropped
where c.table_id = $1 and c.kind in ('stored', 'opaque') and a.attname is distinct from c.name
union all
select t.name, c.relname from vivant."table" t join pg_class c on c.oid = t.relation where t.id = $1 and c.relname <> t.name`,
    values: [model.id, model.relation],
  })
  const open = await client.query<{ n: number }>({
    text: `select count(*)::int as n from vivant.operation where table_id = $1 and kind = 'drift' and ended_at is null`,
    values: [model.id],
  })
  const renamed = rows.map(({ name, now }): TableFinding => {
    if (now === null)
      return {
        kind: 'drift',
        count: 1,
        repairable: false,
        message: `The column "${model.name}.${name}" was dropped by SQL: drop what reads it, then dropColumn("${name}").`,
      }
    return { kind: 'drift', count: 1, repairable: true, message: `"${name}" of "${model.name}" is called "${now}" now, and the catalog has not followed.` }
  })
  if (renamed.length || !open.rows[0]!.n) return renamed
  return [
    {
      kind: 'drift',
      count: open.rows[0]!.n,
      repairable: true,
      message: `A trigger of "${model.name}" met a column that it does not know; no worker has followed yet.`,
    },
  ]
}

async function findLiveView(client: SqlClient, model: TableModel): Promise<readonly TableFinding[]> {
  const name = quoteName(model.liveSchema, model.name)
  const { rows } = await client.query<{ missing: boolean }>({ text: 'select to_regclass($1) is null as missing', values: [name] })
  return rows[0]!.missing
    ? [{ kind: 'live view', count: 1, repairable: true, message: `The live view ${name} is missing: it was dropped, perhaps with "cascade".` }]
    : []
}

interface CaptureTrigger {
  readonly relation: string
  readonly event: string
  readonly enabled: string | null
}

async function captureTriggers(client: SqlClient, model: TableModel): Promise<readonly CaptureTrigger[]> {
  const { rows } = await client.query<CaptureTrigger>({
    text: `select c.oid::regclass::text as relation, e.event, g.tgenabled::text as enabled
from pg_class c cross join (values ('insert'), ('update'), ('delete'), ('truncate')) e(event)
left join pg_trigger g on g.tgrelid = c.oid and g.tgname = 'vivant_capture_' || e.event and not g.tgisinternal
where (c.oid = $1::oid or c.oid in (select relid from pg_partition_tree($1::oid::regclass))) and c.relkind in ('r', 'p') and g.tgenabled is distinct from 'O' and g.tgenabled is distinct from 'A'
order by 1, 2`,
    values: [model.relation],
  })
  return rows
}

async function findTriggers(client: SqlClient, model: TableModel): Promise<readonly TableFinding[]> {
  return (await captureTriggers(client, model)).map(({ relation, event, enabled }) => ({
    kind: 'trigger',
    count: 1,
    repairable: true,
    message: `The trigger vivant_capture_${event} of ${relation} is ${enabled === null ? 'missing' : 'disabled'}: its ${event === 'insert' ? 'rows are not computed' : `${event}s are not noticed`}. What was changed meanwhile is not known: after the repair recompute() the columns that read it.`,
  }))
}

async function rearm(database: Database, model: TableModel): Promise<void> {
  await database.transaction(
    async (tx) => {
      for (const { relation, event, enabled } of await captureTriggers(tx, model))
        if (enabled !== null) await tx.query(`alter table ${relation} enable trigger vivant_capture_${event}`)
      await armTable(tx, model)
    },
    { lockTimeoutMs: 5000 },
  )
}

async function checkSequence(client: SqlClient, model: TableModel, repair: boolean): Promise<readonly TableFinding[]> {
  const table = quoteName(model.schemaName, model.name)
  const key = quoteName(model.idColumn)
  const { rows } = await client.query<{ sequence: string | null }>({
    text: 'select pg_get_serial_sequence($1, $2) as sequence',
    values: [table, model.idColumn],
  })
  const sequence = rows[0]!.sequence
  if (!sequence) return []
  const state = await client.query<{ greatest: number | null; next: number }>(
    `select (select max(${key}) from ${table}) as greatest, (select case when is_called then last_value + 1 else last_value end from ${sequence}) as next`,
  )
  const { greatest, next } = state.rows[0]!
  if (greatest === null || next > greatest) return []
  if (repair) await client.query({ text: 'select setval($1::regclass, $2::bigint)', values: [sequence, greatest] })
  return [
    {
      kind: 'sequence',
      count: 1,
      repairable: true,
      message: `The sequence of ${table}.${key} would give ${next} next, but ${greatest} is taken: inserts would fail.`,
    },
  ]
}
