import { MarketChangedSchema, TriggerFiredSchema } from "#gen/mizan/matching/v1/events_pb.ts";
import { consumer } from "#mesh/events/consumer.ts";
import { isHalted, tellOfMarket, tellOfTrigger } from "../operations/tell-of-exchange.ts";

/** Tells owners of their triggers that have fired or failed. */
export const firedTriggers = consumer(TriggerFiredSchema, "fired-triggers", tellOfTrigger);

/** Tells administrators of markets that have stopped by themselves. */
export const haltedMarkets = consumer(
  MarketChangedSchema,
  "halted-markets",
  tellOfMarket,
  isHalted,
);
