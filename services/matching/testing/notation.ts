import type { Command, NewOrder, OrderType, Side, TimeInForce } from "../domain/command.ts";

/**
 * Reads a line of the cases' notation as a command of market 1, such as `u2 id83 BUY 246@81594`,
 * `u2 x SELL 41@1 IOC stp=EXPIRE_MAKER`, `u1 s BUY 1 STOP stop=56 reserve=60`, `u1 m BUY 10 MARKET`,
 * `u1 cancel id5`, `u1 reduce id5 3`, `u1 amend id7 price=81590`, `u1 replace id5 id9 BUY 5@3`,
 * `u1 oco SELL 5@110 a / SELL 5 STOP stop=90 b`, `u1 cancel-all`, `state HALT` or `expire`.
 */
export function toCommand(line: string): Command {
  const [first = "", second = "", ...rest] = line.split(" ");
  if (first === "state") return { kind: "STATE", market, state: second as "HALT" };
  if (first === "expire") return { kind: "EXPIRE" };
  const account = Number(first.slice(1));
  const [name = "", ...words] = rest;
  const target = { market, account, order: toId(name) };
  const placed = { market, account, session: 0, positionLots: 0 };
  switch (second) {
    case "cancel":
      return { kind: "CANCEL", ...target };
    case "reduce":
      return { kind: "REDUCE", ...target, lots: Number(words[0]) };
    case "amend":
      return { kind: "AMEND", ...target, ...toAmendment(words) };
    case "cancel-all":
      return { kind: "CANCEL_ALL", market, account, session: 0 };
    case "replace":
      return { kind: "REPLACE", ...placed, replaced: target.order, ...toOrder(words) };
    case "oco":
      return { kind: "OCO", ...placed, ...toLegs(rest) };
    default: {
      const position = rest.find((word) => word.startsWith("position="))?.slice(9) ?? 0;
      return {
        kind: "PLACE",
        ...placed,
        positionLots: Number(position),
        ...toOrder([second, ...rest]),
      };
    }
  }
}

/** The id that stands for a name of up to 16 letters. */
function toId(name: string): string {
  return Buffer.from(name).toString("hex").padStart(32, "0");
}

/** The name that an id stands for. */
export function fromId(id: string): string {
  return Buffer.from(id.replace(/^(00)*/u, ""), "hex").toString();
}

const market = 1;

const amendment = { price: 0, lots: 0, reservePrice: 0, stopPrice: 0 };

/** New values, and with `extra=` what an extra hold holds. */
function toAmendment(words: readonly string[]) {
  const { extra = 0, ...values } = numbersOf(words);
  return { ...amendment, ...values, holdStep: extra > 0 ? 1 : 0, extraHold: BigInt(extra) };
}

const types = new Set(["MARKET", "STOP", "STOP_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"]);
const timesInForce = new Set(["GTC", "GTD", "IOC", "FOK"]);

/** The short names of what an order or an amendment may say. */
const names: Record<string, keyof NewOrder> = {
  reserve: "reservePrice",
  limit: "limitUnits",
  stop: "stopPrice",
  expire: "expireMs",
  visible: "visibleLots",
};

function toLegs(words: string[]): { limit: NewOrder; stop: NewOrder } {
  const border = words.indexOf("/");
  return { limit: toOrder(words.slice(0, border)), stop: toOrder(words.slice(border + 1)) };
}

/** A name, a side, `lots@price` or `lots`, then the type, the time in force and other words. */
function toOrder([name = "", side = "", size = "", ...words]: string[]): NewOrder {
  const type = (words.find((word) => types.has(word)) ?? "LIMIT") as OrderType;
  const isMarket = type === "MARKET";
  const timeInForce = words.find((word) => timesInForce.has(word)) ?? (isMarket ? "IOC" : "GTC");
  const [lots = "0", written] = size.split("@");
  const farthest = side === "BUY" ? 1_000_000 : 1;
  const price = Number(written ?? (isMarket ? farthest : 0));
  const key = words.find((word) => word.startsWith("key="))?.slice(4) ?? "";
  const stp = words.find((word) => word.startsWith("stp="))?.slice(4) ?? "NONE";
  const quote = words.find((word) => word.startsWith("quote="))?.slice(6) ?? "0";
  return {
    order: toId(name),
    side: side as Side,
    type,
    timeInForce: timeInForce as TimeInForce,
    price,
    lots: Number(lots),
    reservePrice: side === "BUY" ? price : 0,
    limitUnits: 0,
    stopPrice: 0,
    isPostOnly: words.includes("POST_ONLY"),
    tier: 1,
    expireMs: 0,
    visibleLots: 0,
    ...numbersOf(words.filter((word) => !/^(?:key|stp|quote|position)=/u.test(word))),
    quoteMinor: BigInt(quote),
    stp: stp as NewOrder["stp"],
    clientKey: key === "" ? "" : Buffer.from(key).toString("hex").padStart(16, "0"),
  };
}

function numbersOf(words: readonly string[]): Record<string, number> {
  const pairs = words.filter((word) => word.includes("=")).map((word) => word.split("="));
  return Object.fromEntries(
    pairs.map(([name = "", value]) => [names[name] ?? name, Number(value)]),
  );
}
