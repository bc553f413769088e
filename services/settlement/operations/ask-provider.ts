import { transaction } from "#mesh/database/transaction.ts";
import { committed } from "#mesh/events/outbox.ts";
import type { Looked } from "#mesh/events/waker.ts";
import { MAX_SWEPT_PAYOUTS, PAYOUT_CLAIM_MS, PAYOUT_FIRST_LOOK_MS } from "#mesh/limits.ts";
import type { Settlement } from "../context.ts";
import { nextLookMs } from "../domain/next-look.ts";
import { currentAttempt } from "../domain/send-payout.ts";
import type { BankProvider, Found } from "../providers/bank.ts";
import { claimDue, postpone } from "../store/due-payouts.ts";
import type { StoredPayout } from "../store/read-payouts.ts";
import { applyNews, type PayoutNews } from "./apply-news.ts";

type Needed = Pick<Settlement, "db" | "banks" | "metrics">;

/**
 * Asks a provider by our references what became of payouts that it may have or has taken (PAY-3);
 * what it does not tell is asked again later. Tells whether there may be more.
 */
export async function askProvider(
  settlement: Needed,
  bank: BankProvider,
  signal: AbortSignal,
): Promise<Looked> {
  const { name: provider, caps } = bank;
  const most = Math.min(caps.maxLookups, MAX_SWEPT_PAYOUTS);
  const claim = { most, forMs: PAYOUT_CLAIM_MS + caps.timeoutMs };
  const due = await claimDue(settlement.db, { kind: "THEIRS", provider }, claim);
  if (due.length === 0) return undefined;
  const asked = due.map((payout) => ({ payout, ref: currentAttempt(payout).ourRef }));
  const answers = await bank.lookup(
    asked.map(({ ref }) => ref),
    AbortSignal.any([signal, AbortSignal.timeout(caps.timeoutMs)]),
  );
  const counter = settlement.metrics.counter(
    "mizan_settlement_lookups_total",
    "What providers answered when they were asked for payouts.",
  );
  for (const { kind } of answers) counter.add({ provider, answer: kind });
  const told = asked.map(({ payout, ref }, index) => {
    return { payout, news: toNews(answers[index], { provider, ref, asked: payout }) };
  });
  await record(settlement, told);
  return due.length === most && answers.some(({ kind }) => kind !== "NO_ANSWER");
}

type Told = { readonly payout: StoredPayout; readonly news: PayoutNews | undefined };

async function record(settlement: Needed, told: readonly Told[]): Promise<void> {
  await transaction(settlement.db, async (tx) => {
    const news = told.flatMap((one) => one.news ?? []);
    const effects = (await applyNews(tx, settlement, news)).values();
    const inVain = told.filter((one) => one.news === undefined || effects.next().value !== "MOVED");
    await postpone(tx, inVain.map(later));
  });
  committed();
}

function later({ payout: { id, version, tries } }: Told) {
  return { id, version, inMs: nextLookMs(PAYOUT_FIRST_LOOK_MS, tries) };
}

function toNews(
  found: Found | undefined,
  by: Pick<PayoutNews, "provider" | "ref" | "asked">,
): PayoutNews | undefined {
  if (found === undefined || found.kind === "NO_ANSWER") return undefined;
  return { ...found, ...by, kind: found.kind };
}
