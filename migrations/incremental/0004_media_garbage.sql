-- Media that nothing refers to are condemned, and deleted when a grace period and every transaction of that time are over.
alter table vivant.media
  add column condemned_at timestamptz,
  add column condemned_xid xid8;
create index media_condemned on vivant.media (condemned_at) where condemned_at is not null;

-- What a run of the collection found to be referred to; of a run that died, until a later one removes it.
create unlogged table vivant.media_mention (
  run uuid not null,
  sha256 text collate "C" not null,
  seen_at timestamptz not null default now(),
  primary key (run, sha256)
);

-- What a reference (a URL, a file, an object) led to when it was read last, and how its owner tells whether it changed: an ETag, a time.
create table vivant.media_source (
  -- SHA-256 of the reference: a URL may be longer than an index entry
  reference_hash text collate "C" primary key,
  reference text not null,
  sha256 text collate "C" not null,
  extension text not null,
  validator jsonb not null,
  read_at timestamptz not null default now()
);
