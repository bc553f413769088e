import type { ConnectError } from "@connectrpc/connect";
import { keepReplies, takeKeys } from "#mesh/database/idempotency-group.ts";
import type { Reply } from "#mesh/database/reply.ts";
import { transaction } from "#mesh/database/transaction.ts";
import type { Sms } from "../context.ts";
import { insertAccepted } from "../store/accept-rows.ts";
import { type DraftOrder, draftOrder, type Order } from "./order.ts";

/** An order whose key is taken and whose messages are stored, and nothing is reserved yet. */
export type Stored = {
  readonly kind: "STORED";
  readonly draft: DraftOrder;
  readonly acceptedAtMs: number;
};

/** What became of an order: it goes on, or it is answered. */
export type StoreVerdict =
  | Stored
  | { readonly kind: "ANSWERED"; readonly reply: Reply; readonly isReplay: boolean }
  | { readonly kind: "REFUSED"; readonly error: ConnectError };

/**
 * The first transaction of the acceptance (MON-1): takes the keys of orders, and stores what they
 * become. An order without texts is answered in it, since nothing else will be done for it.
 */
export async function storeOrders(
  { db, terms }: Pick<Sms, "db" | "terms">,
  orders: readonly Order[],
): Promise<StoreVerdict[]> {
  const drafts = orders.map(draftOrder);
  return transaction(db, async (tx) => {
    const keys = await takeKeys(
      tx,
      orders.map(({ call }) => call),
    );
    const taken = drafts.filter((_, index) => keys[index]!.kind === "TAKEN");
    const rows = taken.filter(({ chunks }) => chunks.length > 0).map(toRow);
    const atMs = rows.length === 0 ? 0 : await insertAccepted(tx, rows, terms.abandonMs);
    const empty = taken.filter(({ chunks }) => chunks.length === 0).map(answered);
    await keepReplies(tx, empty);
    const replies = new Map(empty.map(({ call, reply }) => [call, reply]));
    return drafts.map((draft, index): StoreVerdict => {
      const key = keys[index]!;
      if (key.kind === "REFUSED") return key;
      if (key.kind === "REPLAY") return { kind: "ANSWERED", reply: key.reply, isReplay: true };
      const reply = replies.get(draft.order.call);
      if (reply !== undefined) return { kind: "ANSWERED", reply, isReplay: false };
      return { kind: "STORED", acceptedAtMs: atMs, draft };
    });
  });
}

function toRow({ order, chunks }: DraftOrder) {
  const { accountId, rateCard, call } = order;
  const key = [call.principal, call.method, call.key] as const;
  return { accountId, rateCard, chunks, key };
}

function answered({ order }: DraftOrder) {
  const nothing = { acceptedAtMs: 0, queuedAtMs: 0, messages: [] };
  return { call: order.call, reply: order.toReply(nothing) };
}
