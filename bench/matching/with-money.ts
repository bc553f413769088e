import { EventCursor } from "../../services/matching/domain/event-cursor.ts";
import type { EventLog } from "../../services/matching/domain/event-log.ts";
import type { Event } from "../../services/matching/domain/event.ts";
import { releasesOf, tradeMoney } from "../../services/matching/domain/event-money.ts";
import { type FeeRates, holdMinor } from "../../services/matching/domain/money.ts";
import type { Consume } from "./engine-run.ts";

/** What the orders of a run held, paid and got back, in minor units. */
export type Money = { held: bigint; used: bigint; freed: bigint; units: number };

/**
 * Goes over every event and works out what it holds, moves, costs in fees and frees, as the writer
 * does for the ledger; moves leave holds as they are.
 */
export function countMoney(money: Money): Consume {
  return (events: EventLog) => {
    const cursor = new EventCursor(events);
    while (cursor.next()) if (!cursor.leavesHold) add(money, cursor.event());
  };
}

function add(money: Money, event: Event): void {
  if (event.kind === "ACCEPTED") {
    const { facts } = event;
    money.held += holdMinor({ ...facts, lots: facts.remaining }, RATES, SCALES);
    return;
  }
  if (event.kind !== "TRADE") {
    for (const { minor } of releasesOf(event, ratesOf, SCALES)) money.freed += minor;
    return;
  }
  const trade = tradeMoney(event, ratesOf, SCALES);
  money.used += trade.quoteMinor + trade.buyerFeeMinor + trade.baseMinor;
  money.freed += trade.freedMinor;
  money.units += event.price * event.lots;
}

/** The fees of the tier that flows have. */
const RATES: FeeRates = { maker: { ppm: 1000, perLot: 0 }, taker: { ppm: 1500, perLot: 0 } };
const SCALES = { baseScale: 1n, quoteScale: 1n };
const ratesOf = () => RATES;
