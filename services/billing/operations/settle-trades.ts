import { MAX_COMMIT_EVENTS } from "#mesh/limits.ts";
import type { Billing } from "../context.ts";
import { type Trade, tradeChain } from "../domain/flows/trade.ts";
import type { Chain } from "../domain/hold.ts";
import { openOnUse } from "../domain/owner.ts";
import type { TransferResult } from "../domain/transfer.ts";
import { type RefusedTrade, tradeSettlementRefused } from "../events.ts";
import type { Turn } from "../writer/work.ts";

/**
 * Books trades in their order (FLOW-16), each as a whole or not at all; those that were booked
 * before stay as they are. Returns those that the ledger refuses; each new refusal is told by an
 * event of the same commit (HOLD-5). Only `isRedriven` tries those anew that were refused before, by
 * the next attempt (IDEM-4): that is for somebody who has looked at them.
 */
export async function settleTrades(
  { writer }: Pick<Billing, "writer">,
  trades: readonly Trade[],
  { isRedriven }: { readonly isRedriven: boolean },
): Promise<RefusedTrade[]> {
  const refused: RefusedTrade[] = [];
  let left = trades;
  for (let attempt = 0; left.length > 0; attempt++) {
    const isNew = attempt === 0 || isRedriven;
    const plans = left.map((trade) => ({ trade, attempt, isNew, ...tradeChain(trade, attempt) }));
    const works = chunksOf(plans).map(async (some) =>
      writer.submit({
        eventCount: countOf(some),
        ids: some.flatMap(({ events }) => events),
        decide: (turn) => decide(turn, some),
      }),
    );
    const outcomes = (await Promise.all(works)).flat();
    refused.push(...outcomes.filter((one) => typeof one === "object"));
    left = left.filter((_, place) => outcomes[place] === "burned");
  }
  return refused;
}

/** A chain to try, or, unless it is new, to look for among those that were tried. */
type Plan = Chain & {
  readonly trade: Trade;
  /** From 0. */
  readonly attempt: number;
  readonly isNew: boolean;
};

/** What became of an attempt; after one that is burned a later one may have come through. */
type Outcome = "booked" | "burned" | RefusedTrade;

function countOf(plans: readonly Plan[]): number {
  return plans.reduce((sum, { events }) => sum + events.length, 0);
}

/** As many at a time as fit into one commit. */
function chunksOf(plans: readonly Plan[]): Plan[][] {
  const chunks: Plan[][] = [];
  let room = 0;
  for (const plan of plans) {
    if (room < plan.events.length) {
      chunks.push([]);
      room = MAX_COMMIT_EVENTS;
    }
    chunks.at(-1)!.push(plan);
    room -= plan.events.length;
  }
  return chunks;
}

function decide(turn: Turn, plans: readonly Plan[]): Outcome[] {
  const { ledger, atUs, register } = turn;
  const isTried = ({ isNew, events }: Plan) => isNew || events.some(({ id }) => ledger.isUsed(id));
  const tried = new Set(plans.filter(isTried));
  const events: Chain["events"][number][] = [];
  for (const { accounts, events: links } of tried) {
    for (const account of accounts) openOnUse(ledger, account, atUs);
    events.push(...links);
  }
  const results = ledger.createTransfers(events, atUs);
  let at = 0;
  return plans.map((plan) => {
    if (!tried.has(plan)) return refusalOf(plan, BURNED, plan.attempt);
    const status = statusOf(results.slice(at, (at += plan.events.length)));
    if (status === undefined) return "booked";
    if (status === BURNED) return "burned";
    const refusal = refusalOf(plan, status, plan.attempt + 1);
    register.tell(tradeSettlementRefused(refusal));
    return refusal;
  });
}

const BURNED = "id_already_failed";

/** Why a chain is refused; undefined for one that is booked. */
function statusOf(results: readonly TransferResult[]): TransferResult["status"] | undefined {
  const failed = results.filter(({ status }) => status !== "created" && status !== "exists");
  if (failed.length === 0) return undefined;
  const cause = failed.find(({ status }) => status !== "linked_event_failed");
  return cause?.status ?? "exists"; // made in part: by an event with another content
}

function refusalOf({ trade }: Plan, status: string, attempt: number): RefusedTrade {
  return { market: trade.market, tradeId: trade.tradeId, status, attempt };
}
