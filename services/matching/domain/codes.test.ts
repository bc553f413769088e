import { expect, test } from "vitest";
import {
  COMMAND_KINDS,
  END_REASONS,
  EVENT_KINDS,
  MARKET_STATES,
  ORDER_TYPES,
  SIDES,
  STP_MODES,
  TIMES_IN_FORCE,
} from "./codes.ts";
import * as kind from "./command-kinds.ts";
import * as emit from "./emit.ts";
import * as reason from "./end-order.ts";
import * as state from "./market.ts";
import * as mode from "./prevent.ts";
import { REFUSALS } from "./refusals.ts";
import * as refusal from "./refusals.ts";
import * as terms from "./terms.ts";

test("the numbers of words are their places in the lists", () => {
  expect(Object.entries(kind)).toEqual(
    expect.arrayContaining(COMMAND_KINDS.map((name, place) => [name, place])),
  );
  const { ACCEPTED, REJECTED, TRIGGERED, CANCELLED, EXPIRED, CLOSED } = emit;
  for (const [name, place] of Object.entries({
    ACCEPTED,
    REJECTED,
    TRIGGERED,
    CANCELLED,
    EXPIRED,
    CLOSED,
  })) {
    expect(EVENT_KINDS[place]).toBe(name);
  }
  const { USER, CANCEL_ALL, REDUCED, REPLACED, FOK_NOT_FILLABLE, IOC_REMAINDER } = reason;
  const { INSUFFICIENT_LIQUIDITY, PRICE_BAND, EXPIRE_TIME: GTD } = reason;
  const reasons = { USER, CANCEL_ALL, REDUCED, REPLACED, FOK_NOT_FILLABLE, IOC_REMAINDER };
  for (const [name, place] of Object.entries({
    ...reasons,
    INSUFFICIENT_LIQUIDITY,
    PRICE_BAND,
    GTD,
  })) {
    expect(END_REASONS[place]).toBe(name);
  }
  const { PRE_OPEN, TRADING, HALT } = state;
  for (const [name, place] of Object.entries({ PRE_OPEN, TRADING, HALT })) {
    expect(MARKET_STATES[place]).toBe(name);
  }
  expect(STP_MODES[mode.EXPIRE_MAKER]).toBe("EXPIRE_MAKER");
});

test("what refuses has the place of its word", () => {
  const own: Record<string, string> = {
    BELOW_MIN_NOTIONAL: "MIN_NOTIONAL",
    ABOVE_MAX_NOTIONAL: "MAX_NOTIONAL",
    TOO_MANY_OPEN_ORDERS: "MAX_OPEN_ORDERS",
    TOO_MANY_STOP_ORDERS: "MAX_STOP_ORDERS",
    ABOVE_MAX_POSITION: "MAX_POSITION",
  };
  const numbers = Object.entries(refusal).filter(([, place]) => typeof place === "number");
  expect(numbers.length).toBe(REFUSALS.length - 1); // all but none
  expect(numbers.map(([name]) => own[name] ?? name)).toEqual(
    numbers.map(([, place]) => REFUSALS[place as number]),
  );
});

test("the words of terms have their places", () => {
  const { BUY, SELL, LIMIT_ORDER, MARKET_ORDER, STOP, TAKE_PROFIT, GTC, GTD, IOC, FOK } = terms;
  expect([SIDES[BUY], SIDES[SELL]]).toEqual(["BUY", "SELL"]);
  expect([LIMIT_ORDER, MARKET_ORDER, STOP, TAKE_PROFIT].map((type) => ORDER_TYPES[type])).toEqual([
    "LIMIT",
    "MARKET",
    "STOP",
    "TAKE_PROFIT",
  ]);
  expect([GTC, GTD, IOC, FOK].map((place) => TIMES_IN_FORCE[place])).toEqual(TIMES_IN_FORCE);
});
