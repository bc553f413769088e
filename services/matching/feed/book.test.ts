import { toJson } from "@bufbuild/protobuf";
import { reasonOf } from "#mesh/errors.ts";
import { expect, test } from "vitest";
import { WatchOrderBookResponseSchema } from "#gen/mizan/matching/v1/market_service_pb.ts";
import * as limits from "#mesh/limits.ts";
import { failureOf } from "#mesh/testing/failure.ts";
import { type BookMessage, clientBook } from "../../../scripts/order-book/client-book.ts";
import { CommandRecord } from "../domain/command-record.ts";
import type { Command } from "../domain/command.ts";
import { createEngine } from "../domain/create-engine.ts";
import { EventLog } from "../domain/event-log.ts";
import { toRecord } from "../domain/to-record.ts";
import { wideRules } from "../testing/case-book.ts";
import { createRandom } from "../testing/flow-random.ts";
import { listed } from "../testing/listed.ts";
import { randomCommands } from "../testing/random-commands.ts";
import { type Book, type BookReader, followBook, type WantedBook } from "./book.ts";
import { textsOf } from "./market-texts.ts";
import { readBatch } from "./read-batch.ts";

const market = listed(1, "BTC-USDT");
const texts = textsOf(market);
const { signal } = new AbortController();

/** Books of an engine, to which commands are applied in batches. */
function world() {
  const engine = createEngine();
  const [record, log] = [new CommandRecord(), new EventLog()];
  const books: Book[] = [];
  let atMs = 1_800_000_000_000;
  const apply = (commands: readonly Command[], afterMs = 1) => {
    log.clear();
    atMs += afterMs;
    for (const command of commands) engine.apply(toRecord(command, record), atMs, log);
    const batch = { atMs, log, engine };
    for (const change of readBatch(batch, (no) => no === 1)) {
      for (const book of books) book.apply(change, batch);
    }
  };
  const follow = () => {
    const book = followBook(texts, engine, atMs);
    books.push(book);
    return book;
  };
  const sides = () => ({
    bids: engine.depth(1, "BUY", 1e9).map(shown),
    asks: engine.depth(1, "SELL", 1e9).map(shown),
  });
  return { engine, apply, follow, sides };
}

const shown = ({ price, lots }: { price: number; lots: number }) => ({
  price: texts.price(price),
  size: texts.size(lots),
});

/** A client that reads when it is told to; what it is told has to fit. */
function client(book: Book, wanted: Partial<WantedBook> = {}) {
  const own = clientBook();
  let reader: BookReader | undefined;
  const take = (told: BookReader["begin"]) => {
    for (const one of told) {
      const message = toJson(WatchOrderBookResponseSchema, one.message) as BookMessage;
      expect(JSON.parse(one.text.toString())).toEqual({
        channel: wanted.isConflated === true ? "book:100ms" : "book",
        market: "BTC-USDT",
        ...message,
      });
      expect(own.take(message)).toBe("applied");
    }
  };
  const join = (afterSequence = 0) => {
    reader = book.join({ depth: 1e9, isConflated: false, ...wanted, afterSequence });
    take(reader.begin);
    return reader;
  };
  return {
    own,
    join,
    read: async () => take(await reader!.backlog.take(0, signal)),
    leave: () => reader?.[Symbol.dispose](),
    sides: () => ({ bids: own.bids(), asks: own.asks() }),
  };
}

test.each([1, 2, 3, 4])(
  "clients of both speeds that come, go and come back see the book of the engine (seed %d)",
  async (seed) => {
    const { apply, follow, sides } = world();
    const random = createRandom(seed);
    const commands = randomCommands({ seed, count: 3000 });
    for (const { command, afterMs } of commands.splice(0, 60)) apply([command], afterMs);
    const book = follow();
    const clients = [client(book), client(book, { isConflated: true }), client(book)];
    for (const one of clients) one.join();
    while (commands.length > 0) {
      const batch = commands.splice(0, 1 + random.int(20));
      apply(
        batch.map(({ command }) => command),
        batch[0]!.afterMs,
      );
      if (random.int(3) === 0) book.tick();
      for (const one of clients) if (random.int(3) === 0) await one.read();
      const [, , comer] = clients;
      if (random.int(20) === 0) {
        comer!.leave();
        comer!.join(Number(comer!.own.sequence()));
      }
    }
    book.tick();
    for (const one of clients) {
      await one.read();
      expect(one.sides()).toEqual(sides());
    }
  },
);

function order(id: number, price: number, lots: number, side: "BUY" | "SELL" = "BUY"): Command {
  return {
    kind: "PLACE",
    market: 1,
    account: 1,
    session: 0,
    positionLots: 0,
    order: id.toString(16).padStart(32, "0"),
    side,
    type: "LIMIT",
    timeInForce: "GTC",
    price,
    lots,
    reservePrice: side === "BUY" ? price : 0,
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
}

function open() {
  const all = world();
  all.apply([
    { kind: "ACCOUNT", account: 1, owner: "1".padStart(32, "0"), group: 1 },
    { kind: "TIER", tier: 1, maker: { ppm: 0, perLot: 0 }, taker: { ppm: 0, perLot: 0 } },
    { kind: "MARKET", market: 1, rules: { ...wideRules, listingPrice: 1000 } },
    { kind: "STATE", market: 1, state: "TRADING" },
  ]);
  return all;
}

test("FEED-1 a batch is one change, whose first number follows the last one of the change before", async () => {
  const { apply, follow, engine } = open();
  const book = follow();
  const begin = engine.market(1)!.seq;
  const reader = book.join({ depth: 10, afterSequence: 0, isConflated: false });
  apply([order(1, 1000, 5), order(2, 1000, 6), order(3, 990, 1)]);
  // An order that never rests leaves the book as it was, and the next change tells of its events.
  apply([{ ...order(4, 980, 1), timeInForce: "IOC" } as Command]);
  apply([{ kind: "CANCEL", market: 1, account: 1, order: "3".padStart(32, "0") }]);
  const deltas = (await reader.backlog.take(0, signal)).map(({ delta }) => delta!);
  expect(deltas).toMatchObject([
    {
      first: begin + 1,
      last: begin + 3,
      bids: [
        { price: 1000, lots: 11 },
        { price: 990, lots: 1 },
      ],
    },
    { first: begin + 4, last: begin + 6, bids: [{ price: 990, lots: 0 }], asks: [] },
  ]);
});

test("FEED-2 who comes back gets what was missed while it is kept, else the book again", () => {
  const { apply, follow, engine } = open();
  const book = follow();
  apply([order(1, 1000, 5)]);
  const known = engine.market(1)!.seq;
  const join = (afterSequence: number, isConflated = false) =>
    book
      .join({ depth: 10, afterSequence, isConflated })
      .begin.map(({ message }) => message.update.case);
  expect(join(known)).toEqual([]);
  for (let n = 0; n < limits.MAX_BOOK_DELTAS; n += 1) apply([order(10 + n, 900 + (n % 9), 1)]);
  expect(join(known)).toHaveLength(limits.MAX_BOOK_DELTAS);
  expect(join(known, true)).toEqual(["delta"]);
  apply([order(2, 1001, 5)]);
  expect(join(known)).toEqual(["snapshot"]);
  expect(join(known + 1)).toHaveLength(limits.MAX_BOOK_DELTAS);
  expect(join(engine.market(1)!.seq + 1)).toEqual(["snapshot"]);
});

test("FEED-5 a reader of each change that falls behind is ended, one of joined changes is not", async () => {
  const { apply, follow, sides } = open();
  const book = follow();
  const slow = client(book, { isConflated: true });
  const raw = book.join({ depth: 10, afterSequence: 0, isConflated: false });
  slow.join();
  for (let n = 0; n <= limits.MAX_WAITING_DELTAS; n += 1) {
    apply([order(10 + n, 1 + (n % 990), 1)]);
    book.tick();
  }
  const failure = await failureOf(raw.backlog.take(0, signal));
  expect(reasonOf(failure)).toBe("READER_TOO_SLOW");
  await slow.read();
  expect(slow.sides()).toEqual(sides());
});

test("FEED-7 what an iceberg hides and what waits for a price is never told", async () => {
  const { apply, follow } = open();
  const book = follow();
  const reader = book.join({ depth: 10, afterSequence: 0, isConflated: false });
  apply([{ ...order(1, 1000, 100), visibleLots: 10 } as Command]);
  apply([
    {
      ...order(2, 990, 7),
      type: "STOP_LIMIT",
      stopPrice: 1100,
      price: 1100,
      reservePrice: 1100,
    } as Command,
  ]);
  expect((await reader.backlog.take(0, signal)).map(({ delta }) => delta!.bids)).toEqual([
    [{ price: 1000, lots: 10 }],
  ]);
});
