import * as wire from "#gen/mizan/matching/v1/order_pb.ts";
import { ORDER_TYPES, SIDES, STP_MODES, TIMES_IN_FORCE } from "../domain/codes.ts";
import type { OrderType, SelfTradePrevention, Side, TimeInForce } from "../domain/command.ts";

/** The word for a side of the wire; undefined for none. */
export const fromSide = (side: wire.Side): Side | undefined =>
  SIDES.find((word) => wire.Side[word] === side);

/** The word for a type of the wire; undefined for none. */
export const fromType = (type: wire.OrderType): OrderType | undefined =>
  ORDER_TYPES.find((word) => wire.OrderType[word] === type);

/** The word for a time in force of the wire; undefined for none. */
export const fromTimeInForce = (time: wire.TimeInForce): TimeInForce | undefined =>
  TIMES_IN_FORCE.find((word) => wire.TimeInForce[word] === time);

/** The word for a mode of the wire; undefined for none. */
export const fromStp = (stp: wire.SelfTradePrevention): SelfTradePrevention | undefined =>
  STP_MODES.find((word) => wire.SelfTradePrevention[word] === stp);

/** A mode as the wire has it. */
export const toStp = (stp: SelfTradePrevention): wire.SelfTradePrevention =>
  wire.SelfTradePrevention[stp];
