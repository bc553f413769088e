import { PayoutsChangedSchema } from "#gen/mizan/settlement/v1/events_pb.ts";
import { repeatable } from "#mesh/events/consumer.ts";
import { hearPayouts } from "../operations/hear-payouts.ts";

/**
 * Listens to what becomes of payouts that were not over when they were asked for. Each row has the
 * version of the news that it knows, and only newer ones change it: no inbox is needed (O5).
 */
export const payouts = repeatable(PayoutsChangedSchema, "payouts", hearPayouts);
