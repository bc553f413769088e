-- Who does what only one may do at a time; every change of hands raises the token.
create table lease (
  name text primary key,
  owner text not null,
  token bigint not null,
  expires_at timestamptz not null
);
