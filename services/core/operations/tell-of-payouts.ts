import { type PayoutAlarm, PayoutAlarm_Kind } from "#gen/mizan/settlement/v1/events_pb.ts";
import type { EventMeta } from "#mesh/events/consumer.ts";
import type { Queries } from "../store/tables.ts";
import { tellAdministrators } from "./tell-administrators.ts";

/** Tells administrators that a payout, a bank or a statement needs somebody. */
export async function tellOfPayouts(
  tx: Queries,
  { kind, payoutId, provider, detail }: PayoutAlarm,
  { id: cause, atMs: createdAtMs }: Pick<EventMeta, "id" | "atMs">,
): Promise<void> {
  const subjects = [payoutId && `Payout ${payoutId}`, provider && `bank ${provider}`];
  const about = subjects.filter((subject) => subject !== "").join(", ") || "Payouts";
  const subject = about.slice(0, 1).toUpperCase() + about.slice(1);
  const values = { kind: nameOf(kind), payout_id: payoutId, provider, detail, subject };
  await tellAdministrators(tx, { cause, type: "PAYOUT_ALARM", values, createdAtMs });
}

/** The name of a kind; empty for one that only a newer version of settlement knows (P5). */
function nameOf(kind: PayoutAlarm_Kind): string {
  return Object.entries(PayoutAlarm_Kind).find(([, value]) => value === kind)?.[0] ?? "";
}
