import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  Hold_Purpose,
  type HoldResult,
  type HoldSchema,
  HoldState,
} from "#gen/mizan/billing/v1/hold_pb.ts";
import { coalesce } from "#mesh/coalesce.ts";
import { newId, uuidOf } from "#mesh/ids.ts";
import { HELD_ORDERS } from "#mesh/limits.ts";
import { fromMinor } from "#mesh/money.ts";
import { findBurned } from "../store/burned-orders.ts";
import type { HoldVerdict, Wanted } from "./funds.ts";
import { ledgerCall } from "./ledger-call.ts";
import type { FundsMeans } from "./means.ts";

/** Holds to take in one call. */
type Taking = {
  readonly wanted: readonly Wanted[];
  /** The number of an extra hold; 0 is the hold of the order itself. */
  readonly step: number;
};

/** Takes holds; see Placing. */
export type TakeHolds = (taking: Taking, signal?: AbortSignal) => Promise<HoldVerdict[]>;

/** Takes holds of many callers at a time together (FLOW-15): while calls are under way others fill. */
export function createTakeHolds(means: Pick<FundsMeans, "db" | "holds" | "log">): TakeHolds {
  const { add } = coalesce<Taking, HoldVerdict[]>({
    flush: async (takings) => takeTogether(means, takings),
    maxItems: HELD_ORDERS.perCall,
    maxWaiting: HELD_ORDERS.waiting,
    maxRunning: HELD_ORDERS.running,
    sizeOf: ({ wanted }) => wanted.length,
  });
  return async (taking, signal) => (taking.wanted.length === 0 ? [] : add(taking, signal));
}

async function takeTogether(
  { db, holds: ledger, log }: Pick<FundsMeans, "db" | "holds" | "log">,
  takings: readonly Taking[],
): Promise<HoldVerdict[][]> {
  const holds = takings.flatMap(({ wanted, step }) => wanted.map((one) => toHold(one, step)));
  const results = await ledgerCall(holds, async (some, timeoutMs) =>
    ledger.createHolds({ requestId: newId(), holds: [...some] }, { timeoutMs }),
  );
  const before = results.flatMap(({ doneBefore, holdId }) => (doneBefore ? [holdId] : []));
  const burned = before.length === 0 ? noneBurned : await findBurned(db.sql, before);
  const verdicts = results.map((result) => {
    const verdict = burned.has(result.holdId) ? "RELEASED" : verdictOf(result);
    if (verdict !== undefined) return verdict;
    const { holdId, error } = result;
    log.error(
      { hold_id: holdId, reason: error?.reason },
      "the ledger refuses to hold for an order",
    );
    return "INSUFFICIENT_FUNDS";
  });
  return takings.map(({ wanted }) => verdicts.splice(0, wanted.length));
}

const noneBurned: ReadonlySet<string> = new Set();

function toHold(wanted: Wanted, step: number) {
  const { order, owner, asset, scale, minor } = wanted;
  const holdId = uuidOf(order);
  const hold: MessageInitShape<typeof HoldSchema> = {
    ownerId: uuidOf(owner),
    purpose: Hold_Purpose.ORDER,
    amount: { asset, amount: fromMinor(minor, scale) },
    reference: `order ${holdId}`,
    step,
  };
  return { ...hold, holdId };
}

/** Undefined for what only a fault of ours, or an account that was closed, can be refused with. */
function verdictOf({ error, state, doneBefore }: HoldResult): HoldVerdict | undefined {
  switch (error?.reason) {
    case undefined:
      if (!doneBefore) return "HELD";
      return state === HoldState.RELEASED ? "FREED" : "HELD_BEFORE";
    case "INSUFFICIENT_FUNDS":
    case "OWNER_NOT_FOUND": // who has no account has no money
    case "AMOUNT_TOO_LARGE":
      return "INSUFFICIENT_FUNDS";
    case "HOLD_ALREADY_RELEASED": // before it was made
      return "RELEASED";
    case "HOLD_ID_REUSED":
      return "DIFFERS";
    default:
      return undefined;
  }
}
