import type { TestTable } from '../test-table.ts'

/** Everything of a table goes, so that the next history begins with an empty queue. Not the product's way: that one would wait for dead workers. */
export async function dropHistoryTable({ database, id, name }: TestTable): Promise<void> {
  const { rows } = await database.query<{ cells: string[] | null }>({
    text: 'select array_agg(cell_table) as cells from vivant."column" where table_id = $1 and cell_table is not null',
    values: [id],
  })
  const tables = [`public."${name}"`, `vivant_data.rev_${id}`, ...(rows[0]?.cells ?? []).map((cells) => `vivant_data."${cells}"`)]
  await database.query(`delete from vivant.task where table_id = ${id};
delete from vivant.operation where table_id = ${id};
delete from vivant."table" where id = ${id};
drop view if exists live."${name}";
drop table ${tables.join(', ')}`)
}
