-- What the capture triggers call: they notify only if a worker sleeps, because NOTIFY serialises the commits of writers.
create or replace function vivant.wake() returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if exists (select from vivant.worker where asleep) then
    perform pg_notify('vivant_wake', '');
  end if;
end $$;

-- Frees a user's table from its live view and triggers, so that it can be altered or dropped by plain SQL; cells stay until the next connect.
create or replace function vivant.detach(target regclass) returns void language plpgsql as $$
declare
  found_table record;
begin
  select * into found_table from vivant."table" where relation = target;
  if not found then
    raise exception 'vivant: % is no table of Vivant', target using errcode = 'undefined_table';
  end if;
  execute format('drop view if exists %I.%I', coalesce((select value from vivant.setting where key = 'live_schema'), 'live'), found_table.name);
end $$;

-- The live views ask for a column's version here, so that a new version needs no new view.
create or replace function vivant.column_version(column_id int) returns int language sql stable security definer set search_path = pg_catalog, pg_temp
as 'select version from vivant."column" where id = column_id';

-- What an iterator makes is written by workers alone. Rows go with their parent: a foreign key deletes and renumbers them from inside a trigger.
create or replace function vivant.refuse_expanded() returns trigger language plpgsql as $$
begin
  if current_setting('vivant.expanding', true) = 'on' or (tg_op <> 'INSERT' and pg_trigger_depth() > 1) then
    return null;
  end if;
  raise exception 'vivant: the rows of the view % are made from its parent, and so are the columns %', tg_table_name, tg_argv[0]
    using errcode = 'object_not_in_prerequisite_state', hint = 'Change the parent''s row, or the view''s own columns.';
end $$;

-- After truncate, because only then is it known whether the parent was truncated with it.
create or replace function vivant.refuse_truncated() returns trigger language plpgsql as $$
declare
  has_parents boolean;
begin
  execute format('select exists (select from %s)', tg_argv[0]) into has_parents;
  if has_parents then
    raise exception 'vivant: the rows of the view % are made from its parent: it is truncated with it', tg_table_name
      using errcode = 'object_not_in_prerequisite_state', hint = format('truncate %s cascade', tg_argv[0]);
  end if;
  return null;
end $$;
