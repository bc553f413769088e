import type { Connection } from "#mesh/database/connection.ts";
import { newId } from "#mesh/ids.ts";

/** A seeded merchant, as core knows it. */
export type Seeded = { readonly id: string; readonly username: string };

/**
 * Writes merchants into the database of core, as their registration would, but with one password
 * hash for all of them: real ones take a quarter of a second each. They wait for their accounts and
 * limits. Those that an earlier seed has left come again, with this password.
 */
export async function writePeople(
  core: Connection,
  { count, passwordHash }: { readonly count: number; readonly passwordHash: string },
): Promise<Seeded[]> {
  const names = Array.from({ length: count }, (_, at) => `${PREFIX}${String(at).padStart(6, "0")}`);
  await core.query(insertNew, [names, names.map(newId)]);
  const people = await core.query<Seeded>(find, [names]);
  await core.query(setPassword, [people.map(({ id }) => id), passwordHash]);
  return people;
}

/** Marks merchants as approved, with their limit in minor units: accounts and grants are there. */
export async function markActive(
  core: Connection,
  merchants: readonly Seeded[],
  limitMinor: bigint,
): Promise<void> {
  const ids = merchants.map(({ id }) => id);
  await core.query("update person set state = 'ACTIVE' where id = any ($1::uuid[])", [ids]);
  await core.query(
    `update merchant set state = 'ACTIVE', credit_limit_minor = $2, updated_at = now()
      where id = any ($1::uuid[])`,
    [ids, limitMinor],
  );
}

const PREFIX = "seed-merchant-";

const insertNew = `
  with wanted as (
    select name, id from unnest($1::text[], $2::uuid[]) as wanted (name, id)
      where not exists (select from profile where lower(username) = name)
  ),
  people as (
    insert into person (id, state, roles) select id, 'OPENING', '{USER,MERCHANT}' from wanted
  ),
  profiles as (insert into profile (person_id, username) select id, name from wanted)
  insert into merchant (id, requested_credit_minor, bank_account)
    select id, 0, 'IR' || substr(translate(id::text, '-abcdef', '0123456'), 1, 24) from wanted`;

const find = `
  select person_id as id, username from profile
    where username = any ($1::text[]) order by username`;

const setPassword = `
  insert into credential (person_id, password_hash) select unnest($1::uuid[]), $2
    on conflict (person_id) do update set password_hash = excluded.password_hash`;
