import { expect, test } from "vitest";
import { toCommand } from "../testing/notation.ts";
import { wideRules } from "../testing/case-book.ts";
import { apply } from "./apply.ts";
import type { Command } from "./command.ts";
import { CommandRecord } from "./command-record.ts";
import { EventLog } from "./event-log.ts";
import { REMAINING } from "./facts.ts";
import { LEVEL_LOTS, LEVEL_ORDERS } from "./levels.ts";
import { EXTRA, LEVEL, NEXT, OWN_NEXT } from "./orders.ts";
import { OPEN_ORDERS, STOP_ORDERS } from "./positions.ts";
import { Shard } from "./shard.ts";
import { validate } from "./validate.ts";
import { SIBLING } from "./extras.ts";
import { toRecord } from "./to-record.ts";
import { toWords } from "./words.ts";

const free = { ppm: 0, perLot: 0 };
const setUp: Command[] = [
  { kind: "ACCOUNT", account: 1, owner: "1".padStart(32, "0"), group: 1 },
  { kind: "TIER", tier: 1, maker: free, taker: free },
  { kind: "MARKET", market: 1, rules: wideRules },
  { kind: "STATE", market: 1, state: "TRADING" },
];
const lines = [
  "u1 a BUY 5@100",
  "u1 b BUY 7@100 GTD expire=2000000000000",
  "u1 c SELL 9@110 visible=4",
  "u1 oco d SELL 5@120 / e SELL 5 STOP stop=90",
];

type Wrong = (shard: Shard, order: (name: string) => number) => void;

/** Ways to make the state disagree with itself, and what is said of them. */
const wrongs: readonly (readonly [string, Wrong])[] = [
  ["a level sums up", ({ levels }, of) => add(levels.reals, of("level of a") / 2 + LEVEL_LOTS)],
  ["a level counts", ({ levels }, of) => add(levels.words, of("level of a") + LEVEL_ORDERS)],
  ["a level has its end", ({ orders }, of) => set(orders.words, of("a") + NEXT, 0)],
  ["a level sums up", ({ orders }, of) => add(orders.reals, of("a") / 2 + REMAINING)],
  ["found by its id", ({ ids }, of) => ids.delete(of("b"))],
  ["accounts list the live", ({ orders }, of) => set(orders.words, of("a") + OWN_NEXT, 0)],
  ["account's orders", (shard) => add(shard.positions.rows.words, POSITION_ROW + OPEN_ORDERS)],
  ["account's stops", (shard) => add(shard.positions.rows.words, POSITION_ROW + STOP_ORDERS)],
  ["the best price", (shard) => (shard.markets[1]!.bids.bestPrice = 99)],
  ["legs know each other", ({ extras }, of) => set(extras.words, of("extra of d") + SIBLING, 32)],
  ["rows in use", ({ extras }) => extras.take()],
  ["a market counts", (shard) => (shard.markets[1]!.liveOrders = 9)],
  ["bids are below asks", (shard) => (shard.markets[1]!.asks.bestPrice = 100)],
  ["a place is known", ({ expiries }, of) => set(expiries.heap, 1, of("d"))],
];

test.for(wrongs)("validation says where the state is wrong: %s", ([text, makeWrong]) => {
  const shard = filled();
  validate(shard);
  makeWrong(shard, (name) => find(shard, name));
  expect(() => validate(shard)).toThrow(text);
});

/** The only account's row in the only market. */
const POSITION_ROW = 6;

function filled(): Shard {
  const [shard, record, events] = [new Shard(), new CommandRecord(), new EventLog()];
  for (const command of [...setUp, ...lines.map(toCommand)]) {
    expect(apply(shard, toRecord(command, record), 1_800_000_000_000, events)).toBe(0);
  }
  return shard;
}

/** The row of an order, of its level or of its rare fields. */
function find({ ids, orders }: Shard, name: string): number {
  const id = Buffer.from(name.at(-1)!).toString("hex").padStart(32, "0");
  const order = ids.find(toWords(id), 0);
  if (name.startsWith("level")) return orders.words[order + LEVEL]!;
  return name.startsWith("extra") ? orders.words[order + EXTRA]! : order;
}

function add(numbers: Int32Array | Float64Array, at: number): void {
  numbers[at]!++;
}

function set(words: Int32Array, at: number, value: number): void {
  words[at] = value;
}
