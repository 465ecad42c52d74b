-- The system schema: catalog, tasks, workers, media. Users' tables are ordinary tables elsewhere; cells lie in vivant_data.

-- One sequence for every revision and every cell's seq. cache 1: numbers drawn under a lock must grow in the order of the locks.
create sequence vivant.seq as bigint cache 1;

create table vivant."table" (
  id int primary key generated always as identity,
  schema_name text not null,
  name text not null,
  -- of the user's table; found again by name after a restore
  relation oid not null,
  -- the integer primary key, or _id
  id_column text not null,
  id_attnum smallint not null,
  kind text not null default 'table',
  -- columns and constraints as they were declared
  definition jsonb not null,
  -- workers compare it at each commit (rule 5)
  schema_version int not null default 1,
  created_at timestamptz not null default now(),
  unique (schema_name, name)
);

create table vivant."column" (
  id int primary key generated always as identity,
  table_id int not null references vivant."table" on delete cascade,
  name text not null,
  -- stored | computed | virtual | media (a resolved reference) | embedding; open for expansions, roll-ups and groups
  kind text not null,
  -- of a stored column: names change, attnums do not
  attnum smallint,
  type jsonb not null,
  nullable boolean not null default true,
  expression jsonb,
  condition jsonb,
  pool text not null default 'default',
  version int not null default 1,
  -- declaring (captured, not yet published) | active | paused
  state text not null default 'active',
  code_hash text,
  -- in the order in which they were current; a superseded hash does not win again by itself
  code_hashes text[] not null default '{}',
  options jsonb not null default '{}',
  -- in vivant_data
  cell_table text,
  position int not null,
  unique (table_id, name)
);

create table vivant.task (
  id bigint primary key generated always as identity,
  table_id int not null,
  pool text not null,
  -- fresh | retry | backfill | sweep | fanout | group
  kind text not null,
  ids bigint[] not null,
  size int generated always as (cardinality(ids)) stored,
  -- null: every column of the pool; else only those who can run one of these may claim it
  columns int[],
  forced boolean not null default false,
  -- vivant.seq when the first cause was captured; put-backs and follow-ups keep it
  since bigint not null default nextval('vivant.seq'),
  -- null: at once
  run_at timestamptz,
  -- claims that did not end
  claims smallint not null default 0,
  -- written before a suspected row's column runs alone, so that who dies of it is known
  suspect int,
  owner uuid,
  leased_until timestamptz
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0, fillfactor = 70);

create index task_free on vivant.task (kind, id) where owner is null and run_at is null;
create index task_later on vivant.task (run_at) where owner is null and run_at is not null;
create index task_leased on vivant.task (leased_until) where owner is not null;

create table vivant.worker (
  id uuid primary key,
  host text not null,
  pid int not null,
  started_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  -- the capture triggers notify only if somebody sleeps
  asleep boolean not null default false,
  pools text[] not null,
  -- name → hash of every function that it can run
  functions jsonb not null default '{}'
);

create table vivant.backfill (
  id int primary key generated always as identity,
  table_id int not null references vivant."table" on delete cascade,
  column_id int not null references vivant."column" on delete cascade,
  version int not null,
  pool text not null,
  priority int not null default 0,
  -- running | paused | cancelled | done
  state text not null default 'running',
  -- the sweep has been over every id up to this one
  swept bigint not null default -9223372036854775808,
  -- read by the first worker, after publication
  upper_bound bigint,
  rows_swept bigint not null default 0,
  rows_total bigint,
  rows_per_second real,
  next_slice_at timestamptz,
  since bigint not null default nextval('vivant.seq'),
  started_at timestamptz not null default now(),
  ended_at timestamptz
);
create index backfill_open on vivant.backfill (priority desc, id) where state in ('running', 'paused');

create table vivant.setting (
  key text primary key,
  value text not null
);

create table vivant.operation (
  id bigint primary key generated always as identity,
  table_id int,
  -- publish: the second commit of a declaration, once the holders have ended; drift: the user changed the table by SQL,
  -- function and live view are to be made again; other kinds are history
  kind text not null,
  detail jsonb not null default '{}',
  -- virtual transactions that held a write lock after the first commit; null until they were read
  holders text[],
  started_at timestamptz not null default now(),
  ended_at timestamptz
);
create index operation_open on vivant.operation (table_id) where ended_at is null;

create table vivant.media (
  sha256 text collate "C" primary key,
  extension text not null,
  mime_type text not null,
  size_bytes bigint not null,
  width int,
  height int,
  duration_seconds float8,
  page_count int,
  details jsonb not null default '{}',
  stored_at timestamptz not null default now()
);
