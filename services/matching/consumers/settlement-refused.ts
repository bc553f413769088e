import { TradeSettlementRefusedSchema } from "#gen/mizan/billing/v1/events_pb.ts";
import { consumer } from "#mesh/events/consumer.ts";
import type { Matching } from "../context.ts";
import { haltAtRefusal } from "../operations/halt-at-refusal.ts";

/** Halts markets whose trades can't be booked (HOLD-5). */
export const settlementRefused = (matching: Pick<Matching, "log" | "markets" | "writer">) =>
  consumer(TradeSettlementRefusedSchema, "settlement-refused", haltAtRefusal(matching));
