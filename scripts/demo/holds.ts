import {
  Hold_Purpose,
  type HoldResult,
  HoldState,
  HoldStateSchema,
} from "#gen/mizan/billing/v1/hold_pb.ts";
import { newId } from "#mesh/ids.ts";
import { textOf } from "./amounts.ts";
import { type Actor, ASSET, type Stage, type Step } from "./stage.ts";

/** How the statement names the holds of these steps, which no message has caused. */
export const HAND_MADE = "demo message";

const [first, second, tooLarge] = [newId(), newId(), newId()];

/** The price of a message is reserved, for each of the two. */
export const hold: Step = {
  title: "sms holds the price of a message for each, over gRPC with its certificate",
  async act(stage) {
    const adas = await holdOf(stage, { holdId: first, owner: stage.ada, amount: "900.00" });
    const bobs = await holdOf(stage, { holdId: second, owner: stage.bob, amount: "400.00" });
    return [`Ada's hold of 900.00 is ${stateOf(adas)}`, `Bob's hold of 400.00 is ${stateOf(bobs)}`];
  },
};

/** Half of a hold is taken; the ledger frees the rest by itself. */
export const captureHalf: Step = {
  title: "Half of the messages of Ada went out: half of her hold is captured, the rest is free",
  async act({ holds, run }) {
    const captures = [{ holdId: first, amount: { asset: ASSET, amount: "450.00" } }];
    const { results } = await holds.captureHolds({ requestId: `capture-${run}`, captures });
    return [`the hold is ${stateOf(results[0])}: ${textOf(results[0]?.captured)} were taken`];
  },
};

/** A hold is given back whole. */
export const release: Step = {
  title: "No message of Bob went out: his hold is released",
  async act({ holds, run }) {
    const releases = [{ holdId: second }];
    const { results } = await holds.releaseHolds({ requestId: `release-${run}`, releases });
    return [`the hold is ${stateOf(results[0])}`];
  },
};

/** Nobody can overdraw. */
export const overdraft: Step = {
  title: "sms tries to hold more than Bob has",
  async act(stage) {
    const result = await holdOf(stage, { holdId: tooLarge, owner: stage.bob, amount: "1000.01" });
    if (result?.error?.reason !== "INSUFFICIENT_FUNDS") {
      throw new Error(`An overdraft had to be refused, but the hold is ${stateOf(result)}.`);
    }
    return [`refused with ${result.error.reason} ${JSON.stringify(result.error.metadata)}`];
  },
};

type Wanted = { readonly holdId: string; readonly owner: Actor; readonly amount: string };

async function holdOf(
  { holds, run }: Stage,
  { holdId, owner, amount }: Wanted,
): Promise<HoldResult | undefined> {
  const wanted = {
    holdId,
    ownerId: owner.id,
    purpose: Hold_Purpose.SMS,
    reference: HAND_MADE,
  };
  const { results } = await holds.createHolds({
    requestId: `hold-${holdId}-${run}`,
    holds: [{ ...wanted, amount: { asset: ASSET, amount } }],
  });
  return results[0];
}

function stateOf(result: HoldResult | undefined): string {
  if (result?.error !== undefined) return `refused with ${result.error.reason}`;
  return HoldStateSchema.value[result?.state ?? HoldState.UNSPECIFIED]?.localName ?? "UNKNOWN";
}
