import { derivedId, hexOf } from "#mesh/ids.ts";
import { expect, test } from "vitest";
import { CommandLog } from "../../../services/matching/domain/command-log.ts";
import { CommandRecord } from "../../../services/matching/domain/command-record.ts";
import type { Command, NewOrder, Side } from "../../../services/matching/domain/command.ts";
import { toRecord } from "../../../services/matching/domain/to-record.ts";
import { type JournalRow, journalCrc32 } from "../../../services/matching/store/journal.ts";
import { wideRules } from "../../../services/matching/testing/case-book.ts";
import { check, type Compared, type Told } from "./check.ts";
import { legId, purseOf } from "./moves.ts";
import { oracleOf } from "./oracle.ts";
import type { Seen, SeenOrder, SeenTransfer } from "./seen.ts";

// Each check is shown something that is wrong, so that it is known to find it.

const [ann, bob] = [
  "01a1ffb5-0000-7000-8000-00000000000a",
  "01a1ffb5-0000-7000-8000-00000000000b",
] as const;
const idOf = (owner: string, key: string) => derivedId(`order/PlaceOrder/${owner}/${key}`);
const [sold, bought, open] = [idOf(ann, "sell"), idOf(bob, "buy"), idOf(bob, "low")] as const;
const symbol = "BTC-USDT";
const scales = { baseScale: 10_000n, quoteScale: 100n };
const markets = [{ no: 1, symbol, base: "BTC", quote: "USDT", scales }];

/** Ann sells 10 at 100, of which Bob buys 4, reserved up to 120; then he wants 5 at 90. */
const journal: readonly JournalRow[] = [
  batch(1, 1, [
    { kind: "ACCOUNT", account: 1, owner: hexOf(ann), group: 1 },
    { kind: "ACCOUNT", account: 2, owner: hexOf(bob), group: 2 },
    { kind: "TIER", tier: 1, maker: { ppm: 500, perLot: 0 }, taker: { ppm: 1000, perLot: 0 } },
    { kind: "MARKET", market: 1, rules: { ...wideRules, quoteScale: 100 } },
    { kind: "STATE", market: 1, state: "TRADING" },
  ]),
  batch(2, 6, [place(1, { order: sold, side: "SELL", lots: 10, price: 100, reservePrice: 0 })]),
  batch(3, 7, [
    place(2, { order: bought, side: "BUY", lots: 4, price: 100, reservePrice: 120 }),
    place(2, { order: open, side: "BUY", lots: 5, price: 90, reservePrice: 90 }),
  ]),
];

function batch(no: number, firstSeq: number, commands: readonly Command[]): JournalRow {
  const [log, record] = [new CommandLog(), new CommandRecord()];
  for (const command of commands) {
    toRecord(command, record);
    log.append(record);
  }
  const bytes = { commands: Uint8Array.from(log.bytes()), texts: new Uint8Array() };
  const seqs = { firstSeq, lastSeq: firstSeq + commands.length - 1 };
  const events = { eventsBatch: no - 1, eventsCrc32: 0 };
  return { batch: no, ...seqs, atMs: no, crc32: journalCrc32(bytes), ...events, ...bytes };
}

type Placed = { order: string; side: Side; lots: number; price: number; reservePrice: number };

function place(account: number, placed: Placed): Command {
  const terms: Omit<NewOrder, keyof Placed> = {
    type: "LIMIT",
    timeInForce: "GTC",
    quoteMinor: 0n,
    limitUnits: 0,
    stopPrice: 0,
    isPostOnly: false,
    stp: "NONE",
    tier: 1,
    expireMs: 0,
    visibleLots: 0,
    clientKey: "",
  };
  return { kind: "PLACE", market: 1, account, session: 0, positionLots: 0, ...terms, ...placed };
}

const row = (
  owner: string,
  state: string,
  amounts: readonly [number, number, number],
): SeenOrder => {
  const [remaining, filledLots, filledUnits] = amounts;
  return { owner, market: symbol, state, remaining, filledLots, filledUnits, held: 0n };
};
const hold = (about: string, minor: bigint, isOut = false): SeenTransfer => {
  return { id: derivedId(`${about} ${minor} ${isOut}`), code: "ORDER", minor, about, isOut };
};
const leg = (no: number, code: SeenTransfer["code"], minor: bigint): SeenTransfer => {
  return { id: legId(symbol, 1, no), code, minor, about: derivedId("trade"), isOut: true };
};

/** What is right. */
const seen: Seen = {
  journal,
  markets,
  orders: new Map([
    [sold, row(ann, "PARTIALLY_FILLED", [6, 4, 400])],
    [bought, row(bob, "FILLED", [0, 4, 400])],
    [open, row(bob, "NEW", [5, 0, 0])],
  ]),
  trades: new Map([[`${symbol} 1`, `4@100 of ${sold} to ${bought}`]]),
  owed: [],
  burned: [],
  transfers: [
    hold(sold, 100_000n),
    hold(bought, 48_048n), // 4 × 120 × 100 and 0.1 %
    hold(open, 45_045n),
    leg(1, "TRADE", 40_000n),
    leg(2, "TRADE", 40_000n),
    leg(3, "FEE", 40n),
    leg(4, "FEE", 20n),
    leg(5, "ORDER", 8008n),
  ],
  free: new Map([
    [purseOf(ann, "BTC"), 900_000n],
    [purseOf(ann, "USDT"), 39_980n],
    [purseOf(bob, "BTC"), 40_000n],
    [purseOf(bob, "USDT"), 914_915n],
  ]),
  held: new Map([
    [purseOf(ann, "BTC"), 60_000n],
    [purseOf(ann, "USDT"), 0n],
    [purseOf(bob, "BTC"), 0n],
    [purseOf(bob, "USDT"), 45_045n],
  ]),
};
const buys: Told = {
  owner: bob,
  method: "PlaceOrder",
  key: "buy",
  orders: [bought],
  trades: [`${symbol} 1`],
  again: [bought],
};
const refused: Told = {
  owner: bob,
  method: "PlaceOrder",
  key: "too much",
  refusal: "INSUFFICIENT_FUNDS",
  orders: [],
  trades: [],
};
const right: Compared = {
  oracle: oracleOf(journal, markets),
  seen,
  told: [buys, refused],
  charged: new Map([
    [purseOf(ann, "BTC"), 1_000_000n],
    [purseOf(ann, "USDT"), 0n],
    [purseOf(bob, "BTC"), 0n],
    [purseOf(bob, "USDT"), 1_000_000n],
  ]),
  books: new Map([[symbol, ["BUY 90 5", "SELL 100 6"]]]),
};

const broken = (compared: Compared) =>
  [...check(compared)].filter(([, { length }]) => length > 0).map(([sentence]) => sentence);
const withSeen = (change: Partial<Seen>): Compared => ({ ...right, seen: { ...seen, ...change } });
const withTold = (...told: Told[]): Compared => ({ ...right, told });

test("what is right breaks no sentence", () => {
  expect(broken(right)).toEqual([]);
});

const [JOURNAL, BOOKS, ORDERS, TRADES, TOLD, AGAIN, BOOKED, HOLDS, BALANCES, OWED, BURNED] = [
  ...check(right).keys(),
] as [string, ...string[]];

test.each<[string, Compared, (string | undefined)[]]>([
  [
    "an order that is stored in another state",
    withSeen({ orders: new Map([...seen.orders, [open, row(bob, "CANCELLED", [0, 0, 0])]]) }),
    [ORDERS],
  ],
  [
    "an order that is not stored",
    withSeen({ orders: new Map([...seen.orders].slice(1)) }),
    [ORDERS],
  ],
  ["a trade that is not stored", withSeen({ trades: new Map() }), [TRADES]],
  [
    "a trade that nobody has made",
    withSeen({ trades: new Map([...seen.trades, [`${symbol} 2`, "1@1 of a to b"]]) }),
    [TRADES],
  ],
  [
    "a book with another lot",
    { ...right, books: new Map([[symbol, ["BUY 90 5", "SELL 100 7"]]]) },
    [BOOKS],
  ],
  [
    "a leg that is not booked",
    withSeen({ transfers: seen.transfers.filter(({ id }) => id !== legId(symbol, 1, 2)) }),
    [BOOKED],
  ],
  [
    "a trade that is booked twice",
    withSeen({
      transfers: [...seen.transfers, { ...leg(1, "TRADE", 40_000n), id: legId(symbol, 2, 1) }],
    }),
    [BOOKED],
  ],
  [
    "a leg with another unit",
    withSeen({
      transfers: seen.transfers.map((one) =>
        one.id === legId(symbol, 1, 3) ? { ...one, minor: 41n } : one,
      ),
    }),
    [BOOKED],
  ],
  [
    "a hold without an order",
    withSeen({ transfers: [...seen.transfers, hold(derivedId("nobody's"), 7n)] }),
    [HOLDS],
  ],
  [
    "a release of a unit too much",
    withSeen({ transfers: [...seen.transfers, hold(open, 1n, true)] }),
    [HOLDS],
  ],
  [
    "a free unit too much",
    withSeen({ free: new Map([...seen.free, [purseOf(ann, "USDT"), 39_981n]]) }),
    [BALANCES],
  ],
  [
    "a held unit too little",
    withSeen({ held: new Map([...seen.held, [purseOf(bob, "USDT"), 45_044n]]) }),
    [BALANCES],
  ],
  ["an order that was given up and is there", withSeen({ burned: [open] }), [BURNED]],
  ["a release that is owed", withSeen({ owed: [`${open}/1`] }), [OWED]],
  [
    "an order that was told and is lost",
    withTold({ ...buys, orders: [derivedId("lost")] }),
    [TOLD, AGAIN],
  ],
  ["an order of somebody else", withTold({ ...buys, owner: ann }), [TOLD]],
  ["a trade that was told and is lost", withTold({ ...buys, trades: [`${symbol} 2`] }), [TOLD]],
  ["an order that was refused and is there", withTold({ ...refused, key: "low" }), [TOLD]],
  [
    "an order that was cancelled and is live",
    withTold({ ...buys, method: "CancelOrder", orders: [open], again: [open] }),
    [TOLD],
  ],
  ["an answer that has changed", withTold({ ...buys, again: [open] }), [AGAIN]],
])("%s is found", (_, compared, wanted) => {
  expect(broken(compared)).toEqual(wanted);
});

test.each<[string, readonly JournalRow[]]>([
  ["a batch that is missing", [journal[0]!, journal[2]!]],
  ["a command that is missing", [{ ...journal[0]!, lastSeq: 4 }, journal[1]!]],
  ["a changed byte", [{ ...journal[0]!, texts: Uint8Array.of(1) }]],
])("of a journal %s is found", (_, rows) => {
  const { gaps } = oracleOf(rows, markets);
  expect(broken({ ...right, oracle: { ...right.oracle, gaps } })).toEqual([JOURNAL]);
});
