import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  Hold_Purpose,
  type HoldResult,
  type HoldSchema,
  HoldState,
} from "#gen/mizan/billing/v1/hold_pb.ts";
import { newId } from "#mesh/ids.ts";
import { HOLD_NET_MS, MAX_HOLDS_PER_CALL } from "#mesh/limits.ts";
import { fromMinor } from "#mesh/money.ts";
import type { Sms } from "../context.ts";
import type { Currency } from "../events.ts";
import { insist } from "./insist.ts";
import type { DraftChunk } from "./order.ts";

/** What became of a hold: the money is reserved, there is not enough of it, or it failed. */
export type HoldVerdict = "HELD" | "UNPAID" | Error;

/** A chunk to reserve the price of, and for whom. */
export type ToHold = {
  readonly chunk: DraftChunk;
  readonly accountId: string;
  readonly acceptedAtMs: number;
};

/**
 * Reserves the prices of chunks on the ledger, in order; each stands or falls for itself. Asks
 * again until it is known how that ended (O9): the ids make it the same holds. What costs nothing
 * is held without. Throws LEDGER_AWAY when it is not known in time.
 */
export async function createHolds(
  { holds: ledger, currency }: Pick<Sms, "holds" | "currency">,
  chunks: readonly ToHold[],
  endMs: number,
): Promise<HoldVerdict[]> {
  const priced = chunks.filter(({ chunk }) => chunk.price > 0n);
  const verdicts = new Map<string, HoldVerdict>();
  for (const holds of partsOf(priced.map((one) => toHold(one, currency)))) {
    const ask = async (timeoutMs: number) =>
      ledger.createHolds({ requestId: newId(), holds }, { timeoutMs });
    const { results } = await insist(ask, endMs);
    for (const result of results) verdicts.set(result.holdId, verdictOf(result));
  }
  return chunks.map(({ chunk }) => {
    if (chunk.price === 0n) return "HELD";
    return verdicts.get(chunk.id) ?? new Error(`the ledger says nothing of the hold ${chunk.id}`);
  });
}

/** Frees the prices of chunks at once. Throws LEDGER_AWAY when it is not known in time. */
export async function releaseHolds(
  { holds: ledger }: Pick<Sms, "holds">,
  chunks: readonly DraftChunk[],
  endMs: number,
): Promise<void> {
  const priced = chunks.filter(({ price }) => price > 0n);
  for (const releases of partsOf(priced.map(({ id }) => ({ holdId: id })))) {
    const { results } = await insist(
      async (timeoutMs) => ledger.releaseHolds({ requestId: newId(), releases }, { timeoutMs }),
      endMs,
    );
    const failed = results.find(({ error }) => error !== undefined);
    if (failed !== undefined) throw refused(failed);
  }
}

function toHold(
  { chunk, accountId, acceptedAtMs }: ToHold,
  { asset, scale }: Currency,
): MessageInitShape<typeof HoldSchema> {
  const { id, messages, price } = chunk;
  const validityMs = Math.max(...messages.map(({ text }) => text.validityMs));
  const expireMs = acceptedAtMs + validityMs + HOLD_NET_MS; // MON-6
  return {
    holdId: id,
    ownerId: accountId,
    purpose: Hold_Purpose.SMS,
    amount: { asset, amount: fromMinor(price, scale) },
    reference: `sms ${messages.length === 1 ? masked(messages[0]!.text.receiver) : `×${messages.length}`}`,
    expireTime: timestampFromMs(1000 * Math.ceil(expireMs / 1000)),
  };
}

/** A number that its owner recognises, and nobody else (REP-4). */
function masked(receiver: string): string {
  return `${receiver.slice(0, 6)}***${receiver.slice(-4)}`;
}

function verdictOf(result: HoldResult): HoldVerdict {
  switch (result.error?.reason) {
    case undefined:
      return result.state === HoldState.HELD ? "HELD" : refused(result);
    case "INSUFFICIENT_FUNDS":
    case "OWNER_NOT_FOUND": // who has no account has no money
      return "UNPAID";
    default:
      return refused(result);
  }
}

function refused({ holdId, state, error }: HoldResult): Error {
  const why = error?.reason ?? `it is in state ${state}`;
  return new Error(`the ledger refuses the hold ${holdId}: ${why}`);
}

function partsOf<T>(all: readonly T[]): T[][] {
  const count = Math.ceil(all.length / MAX_HOLDS_PER_CALL);
  return Array.from({ length: count }, (_, part) =>
    all.slice(part * MAX_HOLDS_PER_CALL, (part + 1) * MAX_HOLDS_PER_CALL),
  );
}
