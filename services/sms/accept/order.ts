import type { IdempotentCall } from "#mesh/idempotent-call.ts";
import type { Reply } from "#mesh/database/reply.ts";
import { newId } from "#mesh/ids.ts";
import { MAX_CHUNK_MESSAGES } from "#mesh/limits.ts";
import type { Lane } from "../domain/message.ts";
import type { PreparedText } from "../domain/prepared-text.ts";

/** The texts of one request, all of them good; what is to be done with them is done once a key. */
export type Order = {
  readonly call: IdempotentCall;
  readonly accountId: string;
  /** In the order in which the money is spent (MON-3). */
  readonly texts: readonly PreparedText[];
  /** The version of the rate card that priced them (RATE-3). */
  readonly rateCard: number;
  /** Until when the caller waits, in epoch milliseconds. */
  readonly endMs: number;
  /** What is answered, and kept under the key; called in the transaction of the answer. */
  readonly toReply: (taken: Taken) => Reply;
};

/** What was taken of an order. */
export type Taken = {
  readonly acceptedAtMs: number;
  readonly queuedAtMs: number;
  /** One for each text, in order; undefined where the money did not reach. */
  readonly messages: readonly (TakenMessage | undefined)[];
};

/** Where a text is as a message. */
export type TakenMessage = Pick<Draft, "id" | "chunkId" | "textNumber">;

/** A message to be. */
export type Draft = {
  readonly id: string;
  /** The place of the text in the order. */
  readonly place: number;
  readonly text: PreparedText;
  /** Whose hold pays for it. */
  readonly chunkId: string;
  /** Which of the texts of the chunk it is, from 0. */
  readonly textNumber: number;
};

/** Messages of an order in one lane that one hold pays for, and the task to send them. */
export type DraftChunk = {
  readonly id: string;
  readonly taskId: string;
  readonly lane: Lane;
  readonly messages: Draft[];
  /** The different texts of its messages (BULK-1). */
  readonly texts: string[];
  /** The price of its messages, in minor units. */
  price: bigint;
};

/** An order with the ids of all that it becomes. */
export type DraftOrder = {
  readonly order: Order;
  /** The messages, in the order of the texts, which is that of their ids. */
  readonly drafts: readonly Draft[];
  readonly chunks: readonly DraftChunk[];
};

/** Names what an order becomes: its messages, in chunks of up to 100 of one lane. */
export function draftOrder(order: Order): DraftOrder {
  const ids = order.texts.map(newId);
  if (ids.length > 1) ids.sort(); // those of one millisecond are in no order
  const drafts: Draft[] = [];
  const chunks: DraftChunk[] = [];
  const open = new Map<Lane, OpenChunk>();
  for (const [place, text] of order.texts.entries()) {
    let into = open.get(text.lane);
    if (into === undefined || into.chunk.messages.length === MAX_CHUNK_MESSAGES) {
      into = { chunk: newChunk(text.lane), numbers: new Map() };
      open.set(text.lane, into);
      chunks.push(into.chunk);
    }
    const textNumber = numberOf(into, text.content);
    const draft = { id: ids[place]!, place, text, chunkId: into.chunk.id, textNumber };
    into.chunk.messages.push(draft);
    into.chunk.price += text.price;
    drafts.push(draft);
  }
  return { order, drafts, chunks };
}

/** The chunk that a message is when its price is reserved alone (MON-3). */
export function chunkAlone({ id, place, text }: Draft): DraftChunk {
  const draft = { id, place, text, chunkId: id, textNumber: 0 };
  const { lane, content, price } = text;
  return { id, taskId: newId(), lane, messages: [draft], texts: [content], price };
}

type OpenChunk = { readonly chunk: DraftChunk; readonly numbers: Map<string, number> };

function newChunk(lane: Lane): DraftChunk {
  return { id: newId(), taskId: newId(), lane, messages: [], texts: [], price: 0n };
}

/** Each text is in a chunk once, however many get it. */
function numberOf({ chunk, numbers }: OpenChunk, content: string): number {
  const known = numbers.get(content);
  if (known !== undefined) return known;
  numbers.set(content, chunk.texts.length);
  return chunk.texts.push(content) - 1;
}
