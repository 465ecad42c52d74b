import type { Database } from '@vivant/storage'

/** Every write of a cell is watched: neither (version, token) nor seq may ever decrease (invariant 2). */
export async function openCellWatch(database: Database): Promise<void> {
  await database.query('create table public.went_backwards (table_id int, what text)')
  await database.query(`create function public.watch_cell() returns trigger language plpgsql as $$
begin
  if (new.version, new.token) < (old.version, old.token) or new.seq < old.seq then
    insert into public.went_backwards values (tg_argv[0]::int, tg_table_name || ' ' || to_jsonb(old) || ' → ' || to_jsonb(new));
  end if;
  return new;
end $$`)
}

/** Watches the cell tables that a table has by now. */
export async function watchCells(database: Database, tableId: number): Promise<void> {
  const { rows } = await database.query<{ name: string }>({
    text: `select c.cell_table as name from vivant."column" c where c.table_id = $1 and c.cell_table is not null
      and not exists (select from pg_trigger g where g.tgrelid = ('vivant_data.' || c.cell_table)::regclass and g.tgname = 'watch_cell')`,
    values: [tableId],
  })
  const triggers = rows.map(
    ({ name }) => `create trigger watch_cell before update on vivant_data."${name}" for each row execute function public.watch_cell('${tableId}')`,
  )
  if (triggers.length) await database.query(triggers.join(';\n'))
}

export async function cellsThatWentBackwards(database: Database, tableId: number): Promise<readonly string[]> {
  const { rows } = await database.query<{ what: string }>({ text: 'select what from public.went_backwards where table_id = $1', values: [tableId] })
  return rows.map(({ what }) => what)
}
