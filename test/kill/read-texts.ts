import { openConnection } from "#mesh/database/connection.ts";
import { derivedId, uuidOf } from "#mesh/ids.ts";
import type { Effect, Payment, Snapshot, TextRow } from "./snapshot.ts";

/** What sms knows of its texts, and what the ledger's rows by their ids are to them. */
export type Texts = Pick<Snapshot, "texts" | "refusals"> & {
  readonly effects: readonly Effect[];
  readonly payments: ReadonlyMap<string, Payment>;
  /** Whether there is nothing left to do. */
  readonly isQuiet: boolean;
};

/** Reads the texts of sms as they are in its database. */
export async function readTexts(url: string): Promise<Texts> {
  await using connection = await openConnection({ url, name: "kill test" });
  await connection.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  const rows = await connection.query<StoredText>(textsSql);
  const chunks = await connection.query<{ id: string }>("SELECT id FROM chunk");
  const refusals = await connection.query<{ text: string }>(refusalsSql);
  const [left] = await connection.query<{ work: number }>(leftSql);
  const texts = rows.map((row) => ({ ...row, account: accountOf(row.owner) }));
  return {
    texts,
    refusals: refusals.map(({ text }) => text),
    effects: effectsOf(texts),
    payments: new Map([...chunks.flatMap(holdOf), ...rows.map(refundOf)]),
    isQuiet: left!.work === 0,
  };
}

type StoredText = Omit<TextRow, "account"> & { readonly owner: string };

const textsSql = `
  SELECT id, ref::text, chunk_id AS chunk, account_id AS owner, coalesce(client_reference, '') AS key,
    receiver, state::text, charge::text, price::numeric, sent_at IS NOT NULL AS "isSent"
  FROM message`;

const refusalsSql =
  "SELECT concat_ws(' ', kind, hold_id, message_id, reason) AS text FROM refused_step";

const leftSql = `
  SELECT (SELECT count(*) FROM message WHERE ended_at IS NULL)::int
    + (SELECT count(*) FROM ledger_step)::int AS work`;

function accountOf(owner: string): string {
  return uuidOf(derivedId(`account/user/${owner}/available/IRR`));
}

/**
 * A request leaves its texts behind, as often as any of its receivers has one. What was rejected
 * came to nothing: its key is free for another try.
 */
function effectsOf(texts: readonly TextRow[]): Effect[] {
  const taken = texts.filter(({ state }) => state !== "REJECTED");
  const requests = Map.groupBy(taken, ({ key }) => key);
  return [...requests].flatMap(([key, rows]) => {
    const receivers = Map.groupBy(rows, ({ receiver }) => receiver);
    const times = Math.max(...[...receivers.values()].map(({ length }) => length));
    return Array.from({ length: times }, () => ({ name: `texts of ${key}` }));
  });
}

/** The names of the transfers of a hold; its id is that of the chunk. */
function holdOf({ id: chunk }: { readonly id: string }): [id: string, payment: Payment][] {
  return (["reserve", "capture", "release"] as const).map((kind) => [
    derivedId(`transfer/sms/${chunk}/${kind}`),
    { kind, chunk },
  ]);
}

function refundOf({ id: text, chunk }: StoredText): [id: string, payment: Payment] {
  return [derivedId(`transfer/sms/${text}/refund`), { kind: "refund", chunk, text }];
}
