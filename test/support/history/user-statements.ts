import type { Random } from './random.ts'

const weights = {
  insert: 14,
  update: 16,
  updateOne: 14,
  noChange: 2,
  delete: 5,
  rebirth: 6,
  upsert: 6,
  merge: 5,
  changeId: 3,
  truncate: 1,
  writable: 3,
} as const

/** A statement as a user of the table might send it. */
export function userStatement(random: Random, table: string): string {
  const value = (): string => (random.chance(0.08) ? 'null::bigint' : String(random.int(0, 7)))
  const values = (): string => `${value()}, ${value()}, ${value()}`
  const id = (): number => random.int(1, 12)
  const some = (): string => `_id % ${random.int(2, 5)} = ${random.int(0, 1)}`
  const list = (one: () => string): string => Array.from({ length: random.int(1, 4) }, () => `(${one()})`).join(', ')
  const column = (): string => random.pick(['x', 'y', 'z'])
  const statements: Readonly<Record<keyof typeof weights, () => string>> = {
    insert: () => `insert into ${table} (x, y, z) values ${list(values)}`,
    update: () => `update ${table} set ${column()} = ${value()} where ${some()}`,
    updateOne: () =>
      `update ${table} set ${random.pick([`x = ${value()}`, `y = ${value()}`, `z = ${value()}`, 'x = x + 1', `x = ${value()}, y = z`, `x = 0, y = ${value()}, z = z + 1`])} where _id = ${id()}`,
    noChange: () => `update ${table} set x = x, y = y where ${some()}`,
    delete: () => `delete from ${table} where ${random.chance(0.5) ? `_id = ${id()}` : `_id % 5 = ${random.int(0, 4)}`}`,
    rebirth: () => `insert into ${table} (_id, x, y, z) overriding system value values (${id()}, ${values()}) on conflict do nothing`,
    upsert: () =>
      `insert into ${table} (_id, x, y, z) overriding system value values (${id()}, ${values()}) on conflict (_id) do update set ${random.chance(0.5) ? 'x = excluded.x' : 'y = excluded.y, z = excluded.z'}`,
    merge: () => `merge into ${table} t using (values (${id()}, ${values()}), (${random.int(13, 20)}, ${values()})) v(id, x, y, z) on t._id = v.id
        when matched and v.z % 2 = 0 then delete when matched then update set x = v.x, z = v.z when not matched then insert (x, y, z) values (v.x, v.y, v.z)`,
    changeId: () => `update ${table} set _id = default where _id = (select min(_id) from ${table})`,
    truncate: () => `truncate ${table}${random.chance(0.5) ? ' restart identity' : ''}`,
    writable:
      () => `with gone as (delete from ${table} where _id = ${id()} returning x, y, z), made as (insert into ${table} (x, y, z) select x, y, z from gone returning _id)
        update ${table} set z = ${value()} where _id = ${id()}`,
  }
  return statements[random.weighted(weights)]()
}
