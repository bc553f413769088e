import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { create } from "@bufbuild/protobuf";
import * as wire from "#gen/mizan/settlement/v1/payout_pb.ts";
import type { Payout } from "../domain/payout.ts";
import { findOpinions, type KeptOpinion } from "../store/opinions.ts";
import type { Queries } from "../store/tables.ts";
import { toPayout } from "./messages.ts";

/** Payouts as administrators are shown them: with what administrators have said of them. */
export async function administered(
  db: Queries,
  payouts: readonly Payout[],
): Promise<wire.Payout[]> {
  const ids = payouts.map(({ id }) => id);
  const opinions = Map.groupBy(await findOpinions(db, ids), ({ payoutId }) => payoutId);
  return payouts.map((payout) => {
    const shown = toPayout(payout);
    shown.opinions = (opinions.get(payout.id) ?? []).map(toOpinion);
    return shown;
  });
}

function toOpinion({ personId, opinion, version, atMs, ...said }: KeptOpinion) {
  const { bankReference, reason } = said;
  return create(wire.PayoutOpinionSchema, {
    personId,
    opinion: wire.PayoutOpinion_Opinion[opinion],
    bankReference,
    reason,
    payoutVersion: version,
    opinionTime: timestampFromMs(atMs),
  });
}
