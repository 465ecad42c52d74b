import { VivantError } from '@vivant/core'
import type { SqlClient } from '../connection/sql-client.ts'

/** What stands in the database under a name, as far as adopting it is concerned. */
export interface Relation {
  readonly oid: number
  readonly schemaName: string
  readonly name: string
  /** `r` a table, `p` a partitioned one, anything else none. */
  readonly kind: string
  readonly isPartition: boolean
  readonly isOwned: boolean
  /** Policies would hide rows from this role. */
  readonly hidesRows: boolean
  readonly sizeBytes: number
  /** Estimated by PostgreSQL; negative when it never looked. */
  readonly rows: number
  readonly attributes: readonly RelationAttribute[]
  /** Attnums. */
  readonly primaryKey: readonly number[] | null
  /** Attnums of each unique index over whole columns, without a condition. */
  readonly unique: readonly (readonly number[])[]
  readonly partitions: readonly { readonly name: string; readonly isForeign: boolean }[]
  /** Tables that inherit from it without being partitions. */
  readonly children: readonly string[]
  readonly subscriptions: number
  /** Triggers of the user's own that an update fires. */
  readonly updateTriggers: readonly string[]
}

export interface RelationAttribute {
  readonly name: string
  readonly attnum: number
  /** The name in pg_type: `int4`, `_text`. */
  readonly type: string
  /** As PostgreSQL writes it: `integer`, `numeric(10,2)`. */
  readonly shownType: string
  readonly nullable: boolean
  /** The database fills it in where an insert leaves it out. */
  readonly filled: boolean
  readonly comment: string | null
}

/** Reads a table. TABLE_NOT_FOUND when there is none. */
export async function readRelation(client: SqlClient, schemaName: string, name: string): Promise<Relation> {
  const { rows } = await client.query<{ relation: Relation }>({ text: relationQuery, values: [schemaName, name] })
  if (rows[0]) return rows[0].relation
  throw new VivantError('TABLE_NOT_FOUND', `There is no table "${name}" in the schema "${schemaName}".`, { details: { table: name, schema: schemaName } })
}

const relationQuery = `with tree as (
  select r.oid, r.relkind, r.reltuples from pg_class r join pg_namespace s on s.oid = r.relnamespace where s.nspname = $1 and r.relname = $2
  union
  select r.oid, r.relkind, r.reltuples from pg_class c join pg_namespace n on n.oid = c.relnamespace, pg_partition_tree(c.oid) p join pg_class r on r.oid = p.relid
  where n.nspname = $1 and c.relname = $2
)
select jsonb_build_object(
  'oid', c.oid::bigint, 'schemaName', n.nspname, 'name', c.relname, 'kind', c.relkind, 'isPartition', c.relispartition,
  'isOwned', pg_has_role(c.relowner, 'usage'), 'hidesRows', row_security_active(c.oid),
  'sizeBytes', (select coalesce(sum(pg_total_relation_size(t.oid)), 0) from tree t),
  'rows', (select case when bool_and(t.reltuples < 0) then -1 else sum(greatest(t.reltuples, 0)) end from tree t where t.relkind = 'r'),
  'attributes', (select coalesce(jsonb_agg(jsonb_build_object('name', a.attname, 'attnum', a.attnum, 'type', y.typname, 'shownType', format_type(a.atttypid, a.atttypmod),
      'nullable', not a.attnotnull, 'filled', a.atthasdef or a.attidentity <> '', 'comment', col_description(a.attrelid, a.attnum)) order by a.attnum), '[]')
    from pg_attribute a join pg_type y on y.oid = a.atttypid where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
  'primaryKey', (select to_jsonb(k.conkey) from pg_constraint k where k.conrelid = c.oid and k.contype = 'p'),
  'unique', (select coalesce(jsonb_agg(to_jsonb(string_to_array(i.indkey::text, ' ')::int[])), '[]')
    from pg_index i where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null and i.indnatts = i.indnkeyatts),
  'partitions', (select coalesce(jsonb_agg(jsonb_build_object('name', t.oid::regclass::text, 'isForeign', t.relkind = 'f') order by t.oid::regclass::text), '[]') from tree t where t.oid <> c.oid),
  'children', (select coalesce(jsonb_agg(h.inhrelid::regclass::text), '[]') from pg_inherits h where h.inhparent = c.oid and c.relkind = 'r'),
  'subscriptions', (select count(*) from pg_subscription_rel s where s.srrelid in (select oid from tree)),
  'updateTriggers', (select coalesce(jsonb_agg(distinct g.tgname), '[]') from pg_trigger g
    where g.tgrelid in (select oid from tree) and not g.tgisinternal and g.tgtype & 16 <> 0 and g.tgname not like 'vivant\\_capture\\_%')
) as relation
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = $1 and c.relname = $2`
