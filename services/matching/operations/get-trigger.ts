import type * as wire from "#gen/mizan/matching/v1/trigger_pb.ts";
import { personOf } from "#mesh/access.ts";
import type { Call, Matching } from "../context.ts";
import { fail } from "../errors.ts";
import { findTrigger } from "../store/triggers.ts";
import { toTriggerMessage } from "./trigger-message.ts";

/** A trigger of the caller. Throws TRIGGER_NOT_FOUND for those of others too (S7). */
export async function getTrigger(
  { db, markets }: Pick<Matching, "db" | "markets">,
  triggerId: string,
  { values }: Pick<Call, "values">,
): Promise<wire.Trigger> {
  const found = await findTrigger(db.sql, personOf(values).id, triggerId);
  if (found === undefined) throw fail("TRIGGER_NOT_FOUND", { trigger_id: triggerId });
  return toTriggerMessage(found, markets.find(found.market)!);
}
