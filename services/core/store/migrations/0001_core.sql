-- Who is known. Nothing here tells who it is: other services and the ledger see these ids (S18).
create table person (
  id uuid primary key,
  -- OPENING: the ledger may not have the first account yet (ACC-9)
  state text not null check (state in ('OPENING', 'ACTIVE')),
  roles text[] not null check (cardinality(roles) > 0 and roles <@ '{USER,MERCHANT,ADMIN}'),
  verification_level smallint not null default 0 check (verification_level >= 0),
  created_at timestamptz(3) not null default now()
);

-- the registrations that a job has to finish
create index person_opening on person (created_at) where state = 'OPENING';
-- whether there is an administrator, which every start asks
create index person_admin on person (id) where 'ADMIN' = any (roles);

-- Personal data, which can be erased without touching the rest (S18).
create table profile (
  person_id uuid primary key references person (id) on delete cascade,
  username text not null,
  email text,
  phone_number text
);

create unique index profile_username on profile (lower(username));
create unique index profile_email on profile (lower(email));
create unique index profile_phone_number on profile (phone_number);

-- What proves a person: argon2id in the PHC string format (S1).
create table credential (
  person_id uuid primary key references person (id) on delete cascade,
  password_hash text not null,
  changed_at timestamptz(3) not null default now()
);

-- A log-in and all that was renewed from it: the family of refresh tokens that ends as one (S5).
create table session (
  id uuid primary key,
  person_id uuid not null references person (id) on delete cascade,
  created_at timestamptz(3) not null default now(),
  expires_at timestamptz(3) not null,
  revoked_at timestamptz(3)
);

create index session_person on session (person_id);
create index session_expires_at on session (expires_at);

-- The refresh tokens of the sessions, by SHA-256. A used one stays, so that its reuse is noticed.
create table refresh_token (
  hash bytea primary key check (octet_length(hash) = 32),
  session_id uuid not null references session (id) on delete cascade,
  expires_at timestamptz(3) not null,
  used_at timestamptz(3),
  -- what its successor was derived from, beside the token itself
  salt bytea,
  successor bytea,
  check ((used_at is null) = (salt is null) and (used_at is null) = (successor is null))
);

create index refresh_token_session on refresh_token (session_id);
create index refresh_token_expires_at on refresh_token (expires_at);

-- What people are told. The id is derived from its cause, so that it is told once.
create table notification (
  id uuid primary key,
  person_id uuid not null references person (id) on delete cascade,
  type text not null,
  values jsonb not null,
  created_at timestamptz(3) not null
);

create index notification_list on notification (person_id, created_at desc, id desc);
