import { openConnection } from "#mesh/database/connection.ts";
import { hexOf } from "#mesh/ids.ts";
import { toMinor } from "#mesh/money.ts";
import type { Effect, Snapshot } from "./snapshot.ts";

/** Reads who has joined and what they were told, as core has it. */
export async function readCore(
  url: string,
): Promise<Pick<Snapshot, "notifications"> & { readonly effects: Effect[] }> {
  await using connection = await openConnection({ url, name: "kill test" });
  const people = await connection.query<{ id: string; username: string }>(peopleSql);
  const notices = await connection.query<Notice>(noticesSql);
  return {
    effects: people.map(({ id, username }) => {
      return { name: `user ${username}`, told: `${hexOf(id)} welcome` };
    }),
    notifications: notices.map(({ person, type, amount }) => {
      const about = `${hexOf(person)} ${subjects[type]}`;
      return amount === null ? about : `${about} ${toMinor(amount, 2)}`;
    }),
  };
}

type Notice = {
  readonly person: string;
  readonly type: keyof typeof subjects;
  readonly amount: string | null;
};

/** The administrator was there from the start. */
const peopleSql = `
  SELECT person.id, profile.username FROM person
  JOIN profile ON profile.person_id = person.id WHERE NOT 'ADMIN' = ANY (person.roles)`;

const noticesSql = `
  SELECT person_id AS person, type, notification.values ->> 'amount' AS amount
  FROM notification JOIN person ON person.id = person_id WHERE NOT 'ADMIN' = ANY (person.roles)`;

const subjects = {
  WELCOME: "welcome",
  ACCOUNT_CHARGED: "charged",
  HOLD_CAPTURED: "paid",
  HOLD_RELEASED: "released",
};
