import type { ConnectError } from "@connectrpc/connect";
import { type Coalesced, coalesce } from "#mesh/coalesce.ts";
import { failpoint } from "#mesh/failpoint.ts";
import { BANK_CALL_MARGIN_MS, MAX_ACCEPTED_PAYOUTS, MAX_WAITING_TRANSFERS } from "#mesh/limits.ts";
import type { Settlement } from "../context.ts";
import type { Payout } from "../domain/payout.ts";
import { fail } from "../errors.ts";
import { findPayouts } from "../store/read-payouts.ts";
import { insertWanted, type Means, newMeans } from "./insert-wanted.ts";
import type { Lane, Ready } from "./lane.ts";
import { stamped, type Wanted } from "./new-payout.ts";

/** What became of a payout that was asked for. READY: it is to be handed to its provider now. */
export type Accepted =
  | (Ready & { readonly kind: "READY" })
  | { readonly kind: "STANDS"; readonly payout: Payout }
  | { readonly kind: "REFUSED"; readonly error: ConnectError };

/** Takes payouts, those of many calls in one commit. */
export type Accept = Coalesced<readonly Wanted[], Accepted[]>;

/** Lets calls take payouts together: checks, and stores them with their first attempts (T1'). */
export function createAccept(
  settlement: Pick<Settlement, "db" | "terms">,
  lanes: ReadonlyMap<string, Lane>,
): Accept {
  const means = newMeans(settlement, lanes);
  return coalesce({
    flush: async (orders) => {
      await failpoint("payout.received");
      const taken = (await store(means, orders.flat())).values();
      await failpoint("payout.stored");
      return orders.map((order) => order.map(() => taken.next().value!));
    },
    maxItems: MAX_ACCEPTED_PAYOUTS,
    maxWaiting: MAX_WAITING_TRANSFERS,
    maxRunning: 2,
    sizeOf: (order) => order.length,
  });
}

async function store(means: Means, wanted: readonly Wanted[]): Promise<Accepted[]> {
  const firsts = new Map<string, Wanted>();
  for (const one of wanted) if (!firsts.has(one.id)) firsts.set(one.id, one);
  const startMs = performance.now();
  const { rows, inserted } = await insertWanted(means, [...firsts.values()]);
  const stored = new Map(
    rows.flatMap(({ payout }) =>
      inserted.ids.has(payout.id) ? [[payout.id, stamped(payout, inserted.atMs)]] : [],
    ),
  );
  const others = [...firsts.keys()].filter((id) => !stored.has(id));
  const found = await findPayouts(means.db.sql, others);
  const known = new Map(found.map((payout) => [payout.id, payout]));
  return wanted.map((one): Accepted => {
    const isFirst = firsts.get(one.id) === one;
    const hash = known.get(one.id)?.hash ?? firsts.get(one.id)!.hash;
    if (hash !== one.hash) {
      return { kind: "REFUSED", error: fail("PAYOUT_ID_REUSED", { payout_id: one.id }) };
    }
    const payout = stored.get(one.id) ?? known.get(one.id)!;
    const isReady = isFirst && stored.has(one.id) && payout.stage === "SUBMITTING";
    if (!isReady) return { kind: "STANDS", payout };
    return { kind: "READY", payout, startByMs: startMs + BANK_CALL_MARGIN_MS };
  });
}
