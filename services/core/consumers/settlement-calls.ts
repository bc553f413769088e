import { CallsLoggedSchema } from "#gen/mizan/settlement/v1/events_pb.ts";
import { consumer } from "#mesh/events/consumer.ts";
import { logSettlementCalls } from "../operations/log-settlement-calls.ts";

/** Listens to who calls settlement, so that one log has the calls of both. */
export const settlementCalls = consumer(CallsLoggedSchema, "settlement-calls", logSettlementCalls);
