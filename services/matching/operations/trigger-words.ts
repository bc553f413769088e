import * as wire from "#gen/mizan/matching/v1/trigger_pb.ts";
import type { TriggerCondition, TriggerState } from "../domain/trigger.ts";

/** The word for a condition of the wire, which validation has seen to be one. */
export const fromCondition = (condition: wire.Trigger_Condition): TriggerCondition =>
  condition === wire.Trigger_Condition.ABOVE ? "ABOVE" : "BELOW";

/** The word for a state of the wire; undefined for none. */
export const fromTriggerState = (state: wire.Trigger_State): TriggerState | undefined =>
  STATES.find((word) => wire.Trigger_State[word] === state);

const STATES: readonly TriggerState[] = ["ACTIVE", "FIRED", "FAILED", "CANCELLED"];
