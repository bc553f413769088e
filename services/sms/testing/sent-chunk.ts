import { sql } from "kysely";
import { newId } from "#mesh/ids.ts";
import type { MessageState } from "../domain/message.ts";
import type { TestSms } from "./test-sms.ts";

/** A chunk whose messages the provider has taken, and whose hold was captured. */
export type SentChunk = {
  readonly accountId: string;
  readonly chunkId: string;
  readonly taskId: string;
  readonly messageIds: readonly string[];
  /** What the provider calls them. */
  readonly providerIds: readonly string[];
};

type Options = {
  readonly count?: number;
  readonly providerIds?: readonly string[];
  /** How long ago they were accepted and sent. */
  readonly ageMs?: number;
  /** Whether the hold is still to be captured on the ledger. */
  readonly isUntold?: boolean;
};

/** What each of the messages costs, in minor units. */
export const PRICE = 100_000n;

/** Puts a chunk into the database and onto the ledger, as it is when it has been sent. */
export async function sentChunk(
  { sms, ledger }: Pick<TestSms, "sms" | "ledger">,
  { count = 1, providerIds, ageMs = 0, isUntold = false }: Options = {},
): Promise<SentChunk> {
  const names = providerIds ?? Array.from({ length: count }, () => String((serial += 1)));
  const [accountId, chunkId, taskId] = [newId(), idOfAge(ageMs), newId()];
  const messageIds = names.map(() => idOfAge(ageMs));
  const total = PRICE * BigInt(names.length);
  ledger.charge(accountId, total);
  const amount = { asset: "IRR", amount: `${total / 100n}.00` };
  const hold = { holdId: chunkId, ownerId: accountId, amount };
  await sms.holds.createHolds({ requestId: newId(), holds: [hold] });
  if (!isUntold) {
    await sms.holds.captureHolds({ requestId: newId(), captures: [{ holdId: chunkId, amount }] });
  }
  const age = sql`${ageMs} * interval '1 millisecond'`;
  await sql`insert into chunk (id, account_id, rate_card, charge, message_ids, texts)
    values (${chunkId}, ${accountId}, 1, 'CAPTURED', ${messageIds}, ${["hello"]})`.execute(
    sms.db.sql,
  );
  await sql`insert into message (id, chunk_id, account_id, price, expires_at, queued_at, sent_at,
      state, charge, lane, traffic_class, encoding, text_number, segments, attempts, receiver,
      sender, operator, provider, provider_id)
    select one.id, ${chunkId}, ${accountId}, ${PRICE.toString()}::bigint, now(), now() - ${age},
      now() - ${age}, 'SENT', 'CAPTURED', 'BULK', 'TRANSACTIONAL', 'GSM7', 0, 1, 1, '989121234567',
      '3000505', '', 'magfa', one.provider_id
    from unnest(${messageIds}::uuid[], ${names}::text[]) as one (id, provider_id)`.execute(
    sms.db.sql,
  );
  await sql`insert into task (id, chunk_id, lane, stage, due_at, attempt, provider)
    values (${taskId}, ${chunkId}, 'BULK', 'SENT', now() - ${age} + interval '60 s', 1, 'magfa')
    `.execute(sms.db.sql);
  return { accountId, chunkId, taskId, messageIds, providerIds: names };
}

let serial = 1_000_000;

/** An id as it was made so long ago. */
function idOfAge(ageMs: number): string {
  const hex = (Date.now() - ageMs).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}${newId().slice(13)}`;
}

/** What a test looks at of a message. */
export async function standingOf({ sms }: Pick<TestSms, "sms">, ids: readonly string[]) {
  const { rows } = await sql<{
    state: MessageState;
    charge: string;
    failure: string | null;
    revision: number;
  }>`select state, charge, failure, revision from message where id = any (${ids}::uuid[])
    order by array_position(${ids}::uuid[], id)`.execute(sms.db.sql);
  return rows;
}
