import type { Database } from '../connection/database.ts'
import { lockTimeoutMs, retryOnLock } from '../declare/retry-on-lock.ts'
import { quoteName, quoteText } from '../ddl/quote.ts'
import type { Relation } from './read-relation.ts'

/** On the column while it is filled, so that an adoption that was interrupted is known for one and goes on. */
const begunComment = 'Row identity of Vivant, being filled.'
export const identityComment = 'Row identity. Added by Vivant, and taken away when the table is released.'

/** Pages of the table in one slice: half a second of row locks at most. */
const pagesPerSlice = 500

export function isIdentityBegun({ attributes }: Pick<Relation, 'attributes'>): boolean {
  return attributes.some(({ name, comment }) => name === '_id' && comment === begunComment)
}

/** By the table's number: names may be alike as far as PostgreSQL keeps them. */
export function identityNames({ oid }: Relation): { readonly sequence: string; readonly index: string; readonly check: string } {
  return { sequence: `vivant_${oid}__id_seq`, index: `vivant_${oid}__id_key`, check: `vivant_${oid}__id_check` }
}

/**
 * Gives every row an `_id` without writing the table anew: a nullable column with a default for new rows, then slices of the old ones, then the
 * index. Each step finds what an earlier attempt has left. `finishIdentity` makes it what it is in other tables, in the adoption's transaction.
 */
export async function fillIdentity(database: Database, relation: Relation, timeoutMs: number): Promise<void> {
  const table = quoteName(relation.schemaName, relation.name)
  const { sequence, index, check } = identityNames(relation)
  const sequenceName = quoteName(relation.schemaName, sequence)
  const alter = (statements: readonly string[]): Promise<void> =>
    retryOnLock('Adding _id', timeoutMs, () =>
      database.transaction(
        async (tx) => {
          for (const statement of statements) await tx.query(statement)
        },
        { lockTimeoutMs },
      ),
    )
  if (!isIdentityBegun(relation))
    await alter([
      `alter table ${table} add column _id bigint`,
      `create sequence ${sequenceName} owned by ${table}._id`,
      `alter table ${table} alter _id set default nextval(${quoteText(sequenceName)})`,
      `comment on column ${table}._id is ${quoteText(begunComment)}`,
    ])
  await fillRows(database, table, sequenceName)
  await database.query(`drop index if exists ${quoteName(relation.schemaName, index)}`)
  await database.query(`create unique index concurrently ${quoteName(index)} on ${table} (_id)`)
  await alter([
    `alter table ${table} drop constraint if exists ${quoteName(check)}`,
    `alter table ${table} add constraint ${quoteName(check)} check (_id is not null) not valid`,
  ])
  await database.query(`alter table ${table} validate constraint ${quoteName(check)}`)
}

/** The last step, in the transaction that arms the table. Its check spares the scan that `set not null` would hold everyone up for. */
export function finishIdentity(relation: Relation, next: number): readonly string[] {
  const table = quoteName(relation.schemaName, relation.name)
  const { sequence, index, check } = identityNames(relation)
  return [
    `alter table ${table} alter _id set not null`,
    `alter table ${table} alter _id drop default`,
    `alter table ${table} drop constraint ${quoteName(check)}`,
    `drop sequence ${quoteName(relation.schemaName, sequence)}`,
    `alter table ${table} alter _id add generated always as identity (start with ${next})`,
    `alter table ${table} add constraint ${quoteName(index)} unique using index ${quoteName(index)}`,
    `comment on column ${table}._id is ${quoteText(identityComment)}`,
  ]
}

/** Rows that somebody has locked are left for the next round: this never waits for users, and so is never a part of a deadlock. */
async function fillRows(database: Database, table: string, sequence: string): Promise<void> {
  for (;;) {
    const { rows } = await database.query<{ pages: number }>({
      text: `select ceil(pg_relation_size($1::regclass) / current_setting('block_size')::numeric)::int as pages`,
      values: [table],
    })
    for (let page = 0; page <= rows[0]!.pages; page += pagesPerSlice) {
      await database.query(`update ${table} set _id = nextval(${quoteText(sequence)}) where _id is null and ctid = any(array(
  select ctid from ${table} where _id is null and ctid >= '(${page},0)' and ctid < '(${page + pagesPerSlice},0)' for no key update skip locked))`)
    }
    const left = await database.query<{ found: boolean }>(`select exists (select from ${table} where _id is null) as found`)
    if (!left.rows[0]!.found) return
  }
}
