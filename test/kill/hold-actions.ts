import { Hold_Purpose, type HoldResult } from "#gen/mizan/billing/v1/hold_pb.ts";
import { derivedId, newId } from "#mesh/ids.ts";
import { centsOf, done, irr, refused } from "./actions.ts";
import type { Clients } from "./clients.ts";
import type { Action, Answer } from "./perform.ts";

/** A hold of the load. */
export type Held = { readonly holdId: string; readonly cents: bigint };

/** Holds of the load: their retries, and the captures and releases that follow, keep one id. */
export function holdActionsOf({ holds }: Pick<Clients, "holds">, run: string) {
  const action = (kind: string, holdId: string, ask: Action["ask"]): Action => {
    const effect = `transfer ${derivedId(`transfer/sms/${holdId}/${kind}`)}`;
    return { kind, key: requestId(kind, holdId), effect, ask };
  };
  const requestId = (kind: string, holdId: string) => `${kind}-${run}-${holdId}`;
  return {
    reserve: (n: number, ownerId: string): Action & { readonly held: Held } => {
      const [holdId, cents] = [newId(), 2n * centsOf(n)];
      const hold = { holdId, ownerId, purpose: Hold_Purpose.SMS, amount: irr(cents) };
      const request = { requestId: requestId("reserve", holdId), holds: [hold] };
      const made = action("reserve", holdId, async (signal) =>
        resultOf(await holds.createHolds(request, { signal })),
      );
      return { ...made, held: { holdId, cents } };
    },
    capture: ({ holdId, cents }: Held): Action => {
      const captures = [{ holdId, amount: irr(cents / 2n) }];
      const request = { requestId: requestId("capture", holdId), captures };
      return action("capture", holdId, async (signal) =>
        resultOf(await holds.captureHolds(request, { signal })),
      );
    },
    release: ({ holdId }: Held): Action => {
      const request = { requestId: requestId("release", holdId), releases: [{ holdId }] };
      return action("release", holdId, async (signal) =>
        resultOf(await holds.releaseHolds(request, { signal })),
      );
    },
  };
}

/** What stays the same of a hold's result: its state goes on when the hold is captured later. */
function resultOf({ results }: { readonly results: readonly HoldResult[] }): Answer {
  const { error } = results[0]!;
  return error === undefined ? done("") : refused(error.reason);
}
