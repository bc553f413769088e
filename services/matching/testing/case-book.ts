import type { Command, MarketRules, Side } from "../domain/command.ts";
import type { Event } from "../domain/event.ts";
import type { Book } from "./books.ts";
import { fromId, toCommand } from "./notation.ts";

/** A book with one open market, accounts u1 to u9 and no fees, that is told lines of notation. */
export type CaseBook = {
  /** Applies lines at the same time and says what happened, but for acceptances. */
  readonly tell: (...lines: readonly string[]) => string[];
  /** The same with all that the events say. */
  readonly apply: (command: Command | string) => ReturnType<Book["apply"]>;
  /** A side as `price:lots(orders)`, best first. */
  readonly side: (side: Side) => string;
  /** Lets time go on. */
  readonly wait: (ms: number) => void;
};

/** Opens a market with rules too wide to act, but for the given ones. */
export function createCaseBook(book: Book, rules: Partial<MarketRules> = {}): CaseBook {
  let atMs = 1_800_000_000_000;
  const apply = (command: Command | string) =>
    book.apply(typeof command === "string" ? toCommand(command) : command, atMs);
  for (let account = 1; account <= 9; account++) {
    const owner = account.toString(16).padStart(32, "0");
    apply({ kind: "ACCOUNT", account, owner, group: account });
  }
  const free = { ppm: 0, perLot: 0 };
  apply({ kind: "TIER", tier: 1, maker: free, taker: free });
  apply({ kind: "MARKET", market: 1, rules: { ...wideRules, ...rules } });
  apply("state TRADING");
  const tellOne = (line: string) => {
    const { refusal, events } = apply(line);
    book.validate();
    return [...events.flatMap(sayEvent), ...(refusal === undefined ? [] : [refusal])];
  };
  return {
    tell: (...lines) => lines.flatMap(tellOne),
    apply,
    side: (side) =>
      book
        .depth(1, side, 1000)
        .map(({ price, lots, orders }) => `${price}:${lots}(${orders})`)
        .join(" "),
    wait: (ms) => {
      atMs += ms;
    },
  };
}

/** Rules that refuse nothing that a case does not mean to be refused. */
export const wideRules: MarketRules = {
  quoteScale: 1,
  minPrice: 1,
  maxPrice: 2_000_000,
  minLots: 1,
  maxLots: 1_000_000_000,
  stepLots: 1,
  marketMinLots: 1,
  marketMaxLots: 1_000_000_000,
  marketStepLots: 1,
  minNotional: 0,
  maxNotional: Number.MAX_SAFE_INTEGER,
  percentLowPpm: 0,
  percentHighPpm: 2_000_000,
  priceBandPpm: 1_000_000,
  listingPrice: 1_000_000,
  maxOpenOrders: 1_000_000,
  maxStopOrders: 1_000_000,
  maxPositionLots: 0,
  maxAmends: 1000,
  maxIcebergParts: 100,
  stpModes: ["NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT"],
};

function sayEvent(event: Event): string[] {
  switch (event.kind) {
    case "ACCEPTED":
      return event.isWaiting ? [`${fromId(event.facts.order)} waits`] : [];
    case "TRADE":
      return [`${event.lots}@${event.price} ${fromId(event.maker.order)}`];
    case "PREVENTED": {
      const taker = `${event.takerPrevented}${event.takerEnds ? " ends" : ""}`;
      const maker = `${event.makerPrevented}${event.makerEnds ? " ends" : ""}`;
      return [`prevented taker ${taker}, ${fromId(event.maker.order)} ${maker}`];
    }
    case "STATE":
      return [event.state];
    case "TRIGGERED":
      return [`${fromId(event.facts.order)} triggered`];
    case "AMENDED":
      return [`${fromId(event.facts.order)} amended`];
    case "REJECTED":
      return [`${fromId(event.facts.order)} REJECTED`];
    default: {
      const { order, remaining } = event.facts;
      return [`${fromId(order)} ${event.kind} ${remaining} ${event.reason}`];
    }
  }
}
