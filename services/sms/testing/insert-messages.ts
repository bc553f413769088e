import { sql } from "kysely";
import type { Database } from "#mesh/database/connect.ts";
import type * as domain from "../domain/message.ts";
import type { Tables } from "../store/tables.ts";

/** A message that a test puts into the tables, with all that it does not say as usual. */
export type PlainMessage = {
  readonly id: string;
  readonly accountId: string;
  readonly receiver?: string;
  readonly content?: string;
  readonly state?: domain.MessageState;
  readonly charge?: domain.ChargeState;
  readonly lane?: domain.Lane;
  readonly trafficClass?: domain.TrafficClass;
  /** In minor units. */
  readonly price?: number;
  readonly sender?: string;
  readonly clientReference?: string;
  readonly tags?: readonly string[];
};

/** Puts messages into the tables, each in a chunk of its own that has its id. */
export async function insertMessages(
  { sql: db }: Pick<Database<Tables>, "sql">,
  messages: readonly PlainMessage[],
): Promise<void> {
  const rows = JSON.stringify(
    messages.map((message) => ({ ...usual, ...message, chunkId: message.id })),
  );
  await sql`
    with given as (
      select * from jsonb_to_recordset(${rows}::jsonb) as row (
        id uuid, "chunkId" uuid, "accountId" uuid, receiver text, content text,
        state message_state, charge charge_state, lane lane, "trafficClass" traffic_class,
        price bigint, sender text, "clientReference" text, tags text[])
    ), chunks as (
      insert into chunk (id, account_id, rate_card, message_ids, texts)
      select "chunkId", "accountId", 1, array[id], array[content] from given
    )
    insert into message (id, chunk_id, account_id, price, expires_at, state, charge, lane,
      traffic_class, encoding, text_number, segments, receiver, sender, operator,
      client_reference, tags)
    select id, "chunkId", "accountId", price, now() + interval '1 hour', state, charge, lane,
      "trafficClass", 'GSM7', 0, 1, receiver, sender, 'MCI', "clientReference", tags
    from given`.execute(db);
}

const usual = {
  receiver: "989121234567",
  content: "hello",
  state: "QUEUED",
  charge: "RESERVED",
  lane: "BULK",
  trafficClass: "TRANSACTIONAL",
  price: 100_000,
  sender: "3000505",
};
