import { RateClass } from "#gen/mizan/access/v1/access_pb.ts";

/** The classes of methods that share the capacity, the most important first. */
export const classNames = [
  [RateClass.EXPRESS, "EXPRESS"],
  [RateClass.MONEY, "MONEY"],
  [RateClass.READ, "READ"],
  [RateClass.BULK, "BULK"],
] as const;

export type ClassName = (typeof classNames)[number][1];
