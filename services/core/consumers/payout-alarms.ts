import { PayoutAlarmSchema } from "#gen/mizan/settlement/v1/events_pb.ts";
import { consumer } from "#mesh/events/consumer.ts";
import { tellOfPayouts } from "../operations/tell-of-payouts.ts";

/** Tells administrators of payouts, banks and statements that need somebody. */
export const payoutAlarms = consumer(PayoutAlarmSchema, "payout-alarms", tellOfPayouts);
