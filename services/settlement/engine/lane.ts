import { type Coalesced, coalesce } from "#mesh/coalesce.ts";
import { failpoint } from "#mesh/failpoint.ts";
import {
  BANK_CALL_MARGIN_MS,
  BANK_CALL_SECONDS,
  MAX_BANK_CALLS,
  MAX_WAITING_TRANSFERS,
  SHORT_OF_FUNDS_MS,
} from "#mesh/limits.ts";
import type { Settlement } from "../context.ts";
import type { Payout } from "../domain/payout.ts";
import { currentAttempt } from "../domain/send-payout.ts";
import type { BankProvider, Outcome, OutgoingTransfer } from "../providers/bank.ts";
import { type Breaker, createBreaker } from "./breaker.ts";

/** A payout whose attempt is committed, and until when its call may begin. */
export type Ready = {
  readonly payout: Payout;
  /** By the monotonic clock; later the call might outlast what others wait for it. */
  readonly startByMs: number;
};

/** The way to one provider: calls with many transfers, several at a time. */
export type Lane = {
  readonly provider: BankProvider;
  readonly breaker: Breaker;
  /** Hands a payout to the provider; never throws. What can't leave in time has not been sent. */
  readonly submit: (ready: Ready) => Promise<Outcome>;
  /** Whether the provider has said a moment ago that it has too little of our money. */
  readonly isShort: () => boolean;
  /** Says that the provider has money again. */
  readonly refill: () => void;
  /** How long after its attempt was written a call has surely ended, in milliseconds. */
  readonly leaseMs: number;
};

/** Opens the lane of a provider. */
export function openLane(
  { metrics, log }: Pick<Settlement, "metrics" | "log">,
  provider: BankProvider,
): Lane {
  const { name, caps } = provider;
  const leaseMs = caps.timeoutMs + BANK_CALL_MARGIN_MS;
  const breaker = createBreaker(leaseMs);
  let shortUntilMs = 0;
  const seconds = metrics.histogram(
    "mizan_settlement_call_seconds",
    "How long calls to providers took.",
    BANK_CALL_SECONDS,
  );
  const outcomes = metrics.counter(
    "mizan_settlement_outcomes_total",
    "What became of transfers that were handed to providers.",
  );
  const paused = metrics.gauge(
    "mizan_settlement_provider_paused",
    "1 while a provider that takes nothing gets no new attempts.",
  );
  const call = async (transfers: readonly OutgoingTransfer[]): Promise<readonly Outcome[]> => {
    const startMs = performance.now();
    const answers = await provider.submit(transfers, never).catch((error: unknown) => {
      log.error({ err: error, provider: name }, "an adapter of a provider failed");
      return [];
    });
    seconds.observe((performance.now() - startMs) / 1000, { provider: name });
    await failpoint("payout.called");
    return transfers.map((_, index) => answers[index] ?? lost);
  };
  const flush = async (batch: readonly Ready[]): Promise<Outcome[]> => {
    const nowMs = performance.now();
    const inTime = batch.filter(({ startByMs }) => nowMs <= startByMs);
    const heard = inTime.length === 0 ? [] : await call(inTime.map(toTransfer));
    if (heard.length > 0) breaker.end(heard.some(({ kind }) => !bad.has(kind)));
    paused.set(breaker.isOpen() ? 1 : 0, { provider: name });
    if (heard.some(({ kind }) => kind === "NO_FUNDS"))
      shortUntilMs = performance.now() + SHORT_OF_FUNDS_MS;
    for (const { kind } of heard) outcomes.add({ provider: name, outcome: kind });
    const answers = heard.values();
    return batch.map(({ startByMs }) => (nowMs <= startByMs ? answers.next().value! : heldBack));
  };
  const line: Coalesced<Ready, Outcome> = coalesce({
    flush,
    maxItems: caps.maxTransfers,
    maxWaiting: MAX_WAITING_TRANSFERS,
    maxRunning: MAX_BANK_CALLS,
  });
  return {
    provider,
    breaker,
    leaseMs,
    submit: async (ready) => line.add(ready).catch((): Outcome => heldBack),
    isShort: () => performance.now() < shortUntilMs,
    refill: () => {
      shortUntilMs = 0;
    },
  };
}

function toTransfer({ payout }: Ready): OutgoingTransfer {
  const { id, accountId, bankAccount, amountMinor, asset } = payout;
  const { ourRef: ref } = currentAttempt(payout);
  return { ref, account: bankAccount || accountId, amountMinor, asset, description: id };
}

/** What says that a provider takes nothing; what it says about a transfer does not. */
const bad = new Set<Outcome["kind"]>(["NOT_PROCESSED", "NOT_SENT", "UNKNOWN"]);

/** A call is not broken off: what is under way when the service stops is waited for. */
const never = new AbortController().signal;

const heldBack = { kind: "NOT_SENT", code: "HELD_BACK", text: "", raw: "" } as const;
const lost = { kind: "UNKNOWN", code: "NO_OUTCOME", text: "", raw: "" } as const;
