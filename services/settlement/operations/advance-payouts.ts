import { transaction } from "#mesh/database/transaction.ts";
import { committed } from "#mesh/events/outbox.ts";
import type { Looked } from "#mesh/events/waker.ts";
import {
  BALANCE_CALL_MS,
  BANK_CALL_MARGIN_MS,
  MAX_SWEPT_PAYOUTS,
  PAYOUT_CLAIM_MS,
  PAYOUT_FIRST_LOOK_MS,
} from "#mesh/limits.ts";
import type { Settlement } from "../context.ts";
import type { Move } from "../domain/move.ts";
import { nextLookMs } from "../domain/next-look.ts";
import type { Payout } from "../domain/payout.ts";
import { moveTo, positionOf } from "../domain/payout-machine.ts";
import { loseCall, sendPayout } from "../domain/send-payout.ts";
import { commitMoves } from "../engine/commit-moves.ts";
import type { Engine } from "../engine/engine.ts";
import { type Routing, startRouting } from "../engine/routing.ts";
import { claimDue, postpone } from "../store/due-payouts.ts";

type Ways = Pick<Engine, "lanes" | "launch">;

/**
 * Takes payouts on that are due and go on by themselves: queued ones go to a provider, those that
 * wait for money look for it, and a call that nobody has heard of is one of unknown outcome
 * (PAY-3). Tells whether there may be more.
 */
export async function advancePayouts(
  { db }: Pick<Settlement, "db">,
  engine: Ways,
): Promise<Looked> {
  const claim = { most: MAX_SWEPT_PAYOUTS, forMs: PAYOUT_CLAIM_MS };
  const due = await claimDue(db, { kind: "OURS" }, claim);
  if (due.length === 0) return undefined;
  const balances = await balancesOf(engine, due);
  const startMs = performance.now();
  const moved = await transaction(db, async (tx) => {
    const routing = await startRouting(engine.lanes, tx);
    const decided = due.map((payout) => decide(payout, engine, { routing, balances }));
    await postpone(
      tx,
      decided.flatMap((one) => ("inMs" in one ? [one] : [])),
    );
    const moves = decided.flatMap((one) => ("before" in one ? [one] : []));
    await routing.keep();
    return commitMoves(tx, moves);
  });
  committed();
  for (const payout of moved.values()) {
    if (payout.stage === "SUBMITTING")
      engine.launch({ payout, startByMs: startMs + BANK_CALL_MARGIN_MS });
  }
  return due.length === MAX_SWEPT_PAYOUTS;
}

type Postponed = { readonly id: string; readonly version: number; readonly inMs: number };

/** What the providers say that they have, as far as some payout waits for that. */
type Balances = ReadonlyMap<string, bigint | undefined>;

function decide(
  payout: Payout,
  { lanes }: Ways,
  { routing, balances }: { readonly routing: Routing; readonly balances: Balances },
): Move | Postponed {
  const later = (): Postponed => {
    const { id, version, tries } = payout;
    return { id, version, inMs: nextLookMs(PAYOUT_FIRST_LOOK_MS, tries) };
  };
  switch (positionOf(payout)) {
    case "SENDING SUBMITTING":
      return loseCall(payout);
    case "PENDING FUNDS": {
      if (!balances.has(payout.provider)) return toQueue(payout);
      const balance = balances.get(payout.provider);
      if (balance !== undefined && balance < payout.amountMinor) return later();
      lanes.get(payout.provider)?.refill();
      return toQueue(payout);
    }
    case "PENDING QUEUED": {
      const routed = routing.route(payout);
      if (routed.kind === "WAIT") return later();
      if (routed.kind === "FUNDS") return toFunds(payout, routed.provider);
      return sendPayout(payout, routed, lanes.get(routed.provider)!.leaseMs);
    }
    default:
      return later(); // waits for people or for its provider
  }
}

function toQueue(before: Payout): Move {
  const after = moveTo(before, "PENDING QUEUED", { tries: before.tries });
  return { before, steps: [after], attempts: [], dueInMs: 0 };
}

function toFunds(before: Payout, provider: string): Move {
  const changes = { reason: "NO_FUNDS", tries: before.tries, provider };
  const after = moveTo(before, "PENDING FUNDS", changes);
  const dueInMs = nextLookMs(PAYOUT_FIRST_LOOK_MS, before.tries);
  return { before, steps: [after], attempts: [], dueInMs };
}

async function balancesOf({ lanes }: Ways, due: readonly Payout[]): Promise<Balances> {
  const waiting = due.filter(({ stage }) => stage === "FUNDS");
  const names = [...new Set(waiting.map(({ provider }) => provider))];
  const asked = names.flatMap((name) => {
    const lane = lanes.get(name);
    return lane === undefined ? [] : [{ name, provider: lane.provider }];
  });
  const balances = asked.map(async ({ name, provider }) => {
    const signal = AbortSignal.timeout(Math.min(provider.caps.timeoutMs, BALANCE_CALL_MS));
    return [name, await provider.balance(signal)] as const;
  });
  return new Map(await Promise.all(balances));
}
