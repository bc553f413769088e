import { setTimeout as sleep } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { type HoldResult, HoldResultSchema } from "#gen/mizan/billing/v1/hold_pb.ts";
import { isDecision, reasonOf } from "#mesh/errors.ts";
import { HOLD_CALL_MS, HOLD_RETRY_MS } from "#mesh/limits.ts";
import { fail } from "../errors.ts";

/** A call of the ledger about some items, which can come again with the same effect. */
type LedgerCall<T> = (
  items: readonly T[],
  timeoutMs: number,
) => Promise<{ readonly results: readonly HoldResult[] }>;

/**
 * Calls the ledger until it answers, five seconds at most; the results are in the order of the items.
 * An item that no call may have refuses nothing of the others. Throws LEDGER_AWAY when it is not
 * known in time how that ended.
 */
export async function ledgerCall<T extends { readonly holdId: string }>(
  items: readonly T[],
  call: LedgerCall<T>,
): Promise<readonly HoldResult[]> {
  try {
    const { results } = await untilAnswered(async (timeoutMs) => call(items, timeoutMs));
    if (results.length !== items.length) throw new Error("the ledger has lost results");
    return results;
  } catch (error) {
    if (!isMalformed(error)) {
      throw isDecision(error) ? new Error("the ledger does not serve us", { cause: error }) : error;
    }
    const [first] = items;
    if (items.length === 1) return [refusedFor(first!, error)];
    const middle = items.length >> 1; // nothing was done: the part without the bad item is tried anew
    const halves = [items.slice(0, middle), items.slice(middle)];
    return (await Promise.all(halves.map(async (half) => ledgerCall(half, call)))).flat();
  }
}

async function untilAnswered<R>(call: (timeoutMs: number) => Promise<R>): Promise<R> {
  const endMs = performance.now() + HOLD_CALL_MS;
  for (let pauseMs: number = HOLD_RETRY_MS.first; ; pauseMs *= 2) {
    try {
      return await call(Math.max(1, Math.ceil(endMs - performance.now())));
    } catch (error) {
      if (isDecision(error)) throw error;
      const waitMs = Math.min(pauseMs, HOLD_RETRY_MS.most);
      if (performance.now() + waitMs >= endMs) {
        throw Object.assign(fail("LEDGER_AWAY"), { cause: error });
      }
      await sleep(waitMs);
    }
  }
}

/** Whether a call was refused for what it says, before anything was done. */
function isMalformed(error: unknown): error is ConnectError {
  return error instanceof ConnectError && error.code === Code.InvalidArgument;
}

function refusedFor({ holdId }: { readonly holdId: string }, error: ConnectError): HoldResult {
  const reason = reasonOf(error) ?? Code[error.code];
  return create(HoldResultSchema, { holdId, error: { reason } });
}
