/** From which side a trade reaches the price of a trigger. */
export type TriggerCondition = "ABOVE" | "BELOW";

/** What becomes of a trigger; all but ACTIVE are ends. */
export type TriggerState = "ACTIVE" | "FIRED" | "FAILED" | "CANCELLED";

/** An order that waits for a price, and is placed once (DESK-1). */
export type Trigger = {
  /** A UUID, as all ids here. */
  readonly id: string;
  readonly accountId: string;
  readonly market: string;
  readonly condition: TriggerCondition;
  /** In ticks. */
  readonly price: number;
  /** The order to place, as the contract encodes it. */
  readonly newOrder: Uint8Array;
  /** The id of the order that it places. */
  readonly orderId: string;
  readonly state: TriggerState;
  /** The trade that has set it off. */
  readonly tradeId: number | undefined;
  /** Whether it is known what became of the order. */
  readonly isOver: boolean;
  /** Why the order was refused. */
  readonly reason: string;
  readonly createdMs: number;
  readonly updatedMs: number;
};

/** The key under which a trigger places its order: a crash in between places the same one (X6). */
export function triggerRequestId(triggerId: string): string {
  return `trigger:${triggerId}:1`;
}
