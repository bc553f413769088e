import { PayoutsChangedSchema } from "#gen/mizan/settlement/v1/events_pb.ts";
import { consumer } from "#mesh/events/consumer.ts";
import { hearPayouts } from "../operations/hear-payouts.ts";

/** Listens to what becomes of payouts that were not over when they were asked for. */
export const payouts = consumer(PayoutsChangedSchema, "payouts", hearPayouts);
