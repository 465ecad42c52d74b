-- The rows of a view are made by an expansion: a column of its parent table whose cells say how many rows there are.
alter table vivant."table" add column expansion_id int references vivant."column";
create unique index table_expansion on vivant."table" (expansion_id) where expansion_id is not null;
