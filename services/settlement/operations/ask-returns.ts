import { transaction } from "#mesh/database/transaction.ts";
import { committed } from "#mesh/events/outbox.ts";
import { PAYOUT_CLAIM_MS } from "#mesh/limits.ts";
import type { Settlement } from "../context.ts";
import type { BankProvider, Found } from "../providers/bank.ts";
import { claimReturns, postponeReturns } from "../store/returns.ts";
import { applyNews, type PayoutNews } from "./apply-news.ts";

type Needed = Pick<Settlement, "db" | "banks" | "metrics">;

/**
 * Asks a provider what became of payouts that have succeeded and that have come back by a line of
 * its statement: a call-back that tells of it may be lost. What it says is applied as always; as
 * long as it does not say RETURNED, the line is not explained, and it is asked again, ever less
 * often. Tells whether there may be more.
 */
export async function askReturns(
  settlement: Needed,
  bank: BankProvider,
  signal: AbortSignal,
): Promise<boolean> {
  const { name: provider, caps } = bank;
  const claim = { most: caps.maxLookups, forMs: PAYOUT_CLAIM_MS + caps.timeoutMs };
  const lines = await claimReturns(settlement.db, provider, claim);
  if (lines.length === 0) return false;
  const refs = [...new Set(lines.map(({ reference }) => reference))];
  const answers = await bank.lookup(
    refs,
    AbortSignal.any([signal, AbortSignal.timeout(caps.timeoutMs)]),
  );
  const counter = settlement.metrics.counter(
    "mizan_settlement_returns_asked_total",
    "What providers answered about payouts that have come back by their statements.",
  );
  for (const { kind } of answers) counter.add({ provider, answer: kind });
  const news = refs.flatMap((ref, place) => toNews(answers[place], { provider, ref }));
  await transaction(settlement.db, async (tx) => {
    const effects = await applyNews(tx, settlement, news);
    const moved = new Set(news.flatMap(({ ref }, at) => (effects[at] === "MOVED" ? [ref] : [])));
    const inVain = lines.filter(({ reference }) => !moved.has(reference));
    await postponeReturns(
      tx,
      inVain.map(({ id }) => id),
    );
  });
  committed();
  return lines.length === claim.most && answers.some(({ kind }) => kind !== "NO_ANSWER");
}

function toNews(found: Found | undefined, by: Pick<PayoutNews, "provider" | "ref">): PayoutNews[] {
  if (found === undefined || found.kind === "NO_ANSWER") return [];
  return [{ ...found, ...by, kind: found.kind }];
}
