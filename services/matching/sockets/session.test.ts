import { once } from "node:events";
import { create } from "@bufbuild/protobuf";
import { afterAll, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { NotificationSchema } from "#gen/mizan/core/v1/notification_pb.ts";
import { startEdge } from "#mesh/edge.ts";
import { MAX_SUBSCRIPTIONS, MAX_WAITING_NOTICES, SOCKET_TOKEN_CHECK_MS } from "#mesh/limits.ts";
import type { Person } from "#mesh/person.ts";
import { fail } from "#mesh/reasons.ts";
import { createTelemetry } from "#mesh/telemetry.ts";
import { type BookMessage, clientBook } from "../../../scripts/order-book/client-book.ts";
import { createMarkets } from "../domain/markets.ts";
import { createFeed } from "../feed/feed.ts";
import { createNotices } from "../feed/notices.ts";
import { textOf } from "../feed/told.ts";
import type { Watch } from "../operations/follow.ts";
import { readMarkets } from "../store/markets.ts";
import {
  by,
  cancel,
  limit,
  openMarket,
  submit,
  testExchange,
  testWriter,
} from "../testing/test-writer.ts";
import { createChannels, type OwnOrders } from "./channels.ts";
import { openSession } from "./session.ts";

const stack = new AsyncDisposableStack();
const db = stack.use(await testExchange());
const markets = createMarkets(await readMarkets(db.sql));
const writer = stack.use(await testWriter(db, { markets }));
const { log } = writer;
const metrics = stack.use(createTelemetry("testing"));
const feed = stack.use(createFeed({ db, markets, writer, log, metrics }));
const notices = createNotices();
const goodTokens = new Map<string, string>([
  ["ann's", "ann"],
  ["ann's next", "ann"],
  ["bob's", "bob"],
]);
const personOf = async (token: string): Promise<Person> => {
  const id = goodTokens.get(token);
  if (id === undefined) throw fail("BAD_CREDENTIALS", { header: "authorization" });
  return { id, roles: ["USER"], verificationLevel: 0 };
};
/** The channel of orders has tests of its own; here it tells whose orders it would. */
async function* ordersOf({ accountId, market }: OwnOrders, { signal }: Watch) {
  yield { text: textOf({ channel: "orders" }, { of: accountId, market }) };
  await once(signal, "abort");
}
const feeding = { db, markets, writer, feed, log, metrics };
const channels = createChannels({ ...feeding, notices, ordersOf });
const edge = stack.use(
  await startEdge({
    host: "127.0.0.1",
    port: 0,
    log,
    telemetry: metrics,
    trustedProxies: [],
    allowedOrigins: [],
    interceptors: [],
    contract: [],
    sockets: [{ path: "/ws", open: (client) => openSession({ channels, personOf, log }, client) }],
  }),
);
await openMarket(writer);
afterAll(async () => stack.disposeAsync());

const PATIENCE_MS = 15_000;

type Text = Record<string, unknown> & { readonly error?: { readonly reason: string } };

/** A client that keeps what it is told. */
async function connect() {
  const socket = new WebSocket(`ws://127.0.0.1:${edge.port}/ws`);
  const told: Text[] = [];
  const hear = (data: unknown) => void told.push(JSON.parse(String(data)) as Text);
  socket.on("message", hear);
  await once(socket, "open");
  const until = async (isIt: (text: Text) => boolean) =>
    vi.waitFor(() => {
      const found = told.find(isIt);
      expect(found).toBeDefined();
      return found!;
    }, PATIENCE_MS);
  return {
    socket,
    told,
    until,
    send: (body: unknown) => socket.send(JSON.stringify(body)),
    ask: async (body: unknown, isIt: (text: Text) => boolean) => {
      socket.send(JSON.stringify(body));
      return until(isIt);
    },
    [Symbol.dispose]: () => socket.terminate(),
  };
}

const refused = (reason: string) => (text: Text) => text.error?.reason === reason;
const market = "ABAN-IRR";

test("a client follows a book from its snapshot on, without a gap and with the right checksums", async () => {
  using client = await connect();
  const book = clientBook();
  const taken: string[] = [];
  client.socket.on("message", (data: unknown) => {
    const message = JSON.parse(String(data)) as BookMessage & { op?: string };
    if (message.op === undefined) taken.push(book.take(message));
  });
  await submit(writer, by("ann", limit(1, "BUY", [5, 11])));
  client.send({ op: "subscribe", channel: "book", market });
  await client.until(({ op }) => op === "subscribed");
  for (let n = 2; n < 40; n += 1) {
    await submit(
      writer,
      by("ann", limit(n, n % 2 === 0 ? "BUY" : "SELL", [n, n % 2 === 0 ? 8 : 15])),
    );
    if (n % 3 === 0) await submit(writer, by("ann", cancel(n)));
  }
  const { seq } = writer.engine.market(1)!;
  await vi.waitFor(() => expect(Number(book.sequence())).toBe(seq), PATIENCE_MS);
  expect(taken).not.toContain("gap");
  expect(book.bids().map(({ price }) => price)).toEqual(["0.77", "0.56"]);
  await client.until(({ heartbeat }) => heartbeat !== undefined);
  client.send({ op: "unsubscribe", channel: "book", market });
  await client.until(({ op }) => op === "unsubscribed");
  const after = client.told.length;
  await submit(writer, by("ann", limit(50, "BUY", [1, 9])));
  await client.ask({ op: "ping" }, ({ op }) => op === "pong");
  expect(client.told.slice(after)).toEqual([{ op: "pong" }]);
});

test("one client has many channels, each with texts of its own", async () => {
  using client = await connect();
  const channel = (name: string) => (text: Text) => text["channel"] === name && !("op" in text);
  client.send({ op: "subscribe", channel: "trades", market });
  client.send({ op: "subscribe", channel: "candles:1m", market });
  client.send({ op: "subscribe", channel: "tickers" });
  client.send({ op: "subscribe", channel: "book:100ms", market, depth: 1 });
  await client.until(channel("book:100ms"));
  await submit(writer, by("ann", limit(60, "SELL", [2, 12])));
  await submit(writer, by("bob", limit(61, "BUY", [2, 12])));
  expect(await client.until(({ trades }) => Array.isArray(trades))).toMatchObject({
    channel: "trades",
    market,
    trades: [{ id: "1", price: "0.84", size: "2", takerSide: "SIDE_BUY" }],
  });
  expect(await client.until(({ candle }) => candle !== undefined)).toMatchObject({
    channel: "candles:1m",
    candle: { close: "0.84", volume: "2" },
  });
  const traded = (text: Text) =>
    JSON.stringify(text["tickers"] ?? "").includes('"lastPrice":"0.84"');
  expect(await client.until(traded)).toMatchObject({ channel: "tickers", tickers: [{ market }] });
});

test.each<[string, unknown, string]>([
  ["no object", 5, "BAD_SOCKET_REQUEST"],
  ["an unknown op", { op: "buy" }, "BAD_SOCKET_REQUEST"],
  ["no channel", { op: "subscribe" }, "BAD_SOCKET_REQUEST"],
  ["an unknown channel", { op: "subscribe", channel: "news" }, "UNKNOWN_CHANNEL"],
  ["an unknown interval", { op: "subscribe", channel: "candles:2m", market }, "UNKNOWN_CHANNEL"],
  ["no market", { op: "subscribe", channel: "book" }, "BAD_SOCKET_REQUEST"],
  ["an unknown market", { op: "subscribe", channel: "book", market: "X-Y" }, "MARKET_NOT_FOUND"],
  [
    "a depth below 0",
    { op: "subscribe", channel: "book", market, depth: -1 },
    "BAD_SOCKET_REQUEST",
  ],
  [
    "a depth over 5000",
    { op: "subscribe", channel: "book", market, depth: 5001 },
    "BAD_SOCKET_REQUEST",
  ],
  [
    "a sequence of letters",
    { op: "subscribe", channel: "book", market, afterSequence: "x" },
    "BAD_SOCKET_REQUEST",
  ],
  ["an id that is no name", { op: "ping", id: {} }, "BAD_SOCKET_REQUEST"],
  ["a field of another op", { op: "ping", channel: "book" }, "BAD_SOCKET_REQUEST"],
  ["orders of nobody", { op: "subscribe", channel: "orders" }, "SIGN_IN_FIRST"],
  ["notifications of nobody", { op: "subscribe", channel: "notifications" }, "SIGN_IN_FIRST"],
  ["a bad token", { op: "auth", token: "x" }, "BAD_CREDENTIALS"],
])("%s is refused in words, and the client stays", async (_name, body, reason) => {
  using client = await connect();
  await client.ask(body, refused(reason));
  expect(await client.ask({ op: "ping" }, ({ op }) => op === "pong")).toEqual({ op: "pong" });
});

test("R3 a client has only so many subscriptions, and each but once", async () => {
  using client = await connect();
  client.send({ op: "subscribe", channel: "tickers" });
  await client.ask({ op: "subscribe", channel: "tickers" }, refused("SUBSCRIBED_ALREADY"));
  const names = ["a", "b"].flatMap((side) =>
    Array.from({ length: MAX_SUBSCRIPTIONS }, (_, n) => `${side}${n}`),
  );
  for (const name of names.slice(0, MAX_SUBSCRIPTIONS)) {
    markets.put({ ...markets.find(market)!, symbol: `${name.toUpperCase()}-IRR` });
    client.send({ op: "subscribe", channel: "trades", market: `${name.toUpperCase()}-IRR` });
  }
  await client.until(refused("TOO_MANY_SUBSCRIPTIONS"));
  expect(client.told.filter(({ op }) => op === "subscribed")).toHaveLength(MAX_SUBSCRIPTIONS);
});

test("S7 after an auth a client is told of its own orders and notifications, and of nobody else's", async () => {
  using client = await connect();
  client.send({ op: "auth", token: "ann's" });
  client.send({ op: "subscribe", channel: "orders", market });
  client.send({ op: "subscribe", channel: "notifications" });
  await client.until(({ channel, op }) => op === "subscribed" && channel === "notifications");
  const notification = (id: string) => create(NotificationSchema, { id, text: "Something." });
  notices.tell("bob", notification("for bob"));
  notices.tell("ann", notification("for ann"));
  await client.until(({ notification: told }) => told !== undefined);
  const texts = client.told.filter(({ op }) => op === undefined);
  expect(texts).toEqual([
    { channel: "orders", of: "ann", market },
    { channel: "notifications", notification: { id: "for ann", text: "Something." } },
  ]);
  await client.ask({ op: "auth", id: 2, token: "bob's" }, refused("SIGNED_IN_ALREADY"));
  notices.tell("ann", notification("for ann too"));
  await client.until(({ notification: told }) =>
    JSON.stringify(told ?? "").includes("for ann too"),
  );
});

test("an answer has the id of its request, and a refusal names what it refuses", async () => {
  using client = await connect();
  const about = { id: "a-1", channel: "book", market };
  const asked = { op: "subscribe", ...about };
  expect(await client.ask(asked, ({ op }) => op === "subscribed")).toEqual({
    op: "subscribed",
    ...about,
  });
  expect(await client.ask({ ...asked, id: 7 }, refused("SUBSCRIBED_ALREADY"))).toMatchObject({
    ...about,
    id: 7,
  });
  const unknown = { id: 8, channel: "trades", market: "NO-NE" };
  expect(await client.ask({ op: "subscribe", ...unknown }, refused("MARKET_NOT_FOUND"))).toEqual({
    ...unknown,
    error: { reason: "MARKET_NOT_FOUND", message: "There is no market NO-NE." },
  });
  const misspelt = { op: "subscribe", id: 9, channel: "book", market, dept: 5 };
  expect(await client.ask(misspelt, refused("BAD_SOCKET_REQUEST"))).toEqual({
    ...about,
    id: 9,
    error: {
      reason: "BAD_SOCKET_REQUEST",
      message: 'This is no request: "dept" is no field of subscribe.',
    },
  });
  expect(await client.ask({ op: "auth", id: 10, token: "x" }, refused("BAD_CREDENTIALS"))).toEqual({
    id: 10,
    error: { reason: "BAD_CREDENTIALS", message: "The token is no access token of ours." },
  });
  const ping = { op: "ping", id: 11 };
  expect(await client.ask(ping, ({ op }) => op === "pong")).toEqual({ op: "pong", id: 11 });
});

test("a token that is no more good ends what is somebody's own, the next one of the same person goes on", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  using client = await connect();
  await client.ask({ op: "auth", token: "ann's" }, ({ op }) => op === "authenticated");
  client.send({ op: "subscribe", channel: "notifications" });
  client.send({ op: "subscribe", channel: "tickers" });
  await client.until(({ channel, op }) => op === "subscribed" && channel === "tickers");
  client.told.length = 0;
  await client.ask({ op: "auth", token: "ann's next" }, ({ op }) => op === "authenticated");
  goodTokens.delete("ann's");
  await vi.advanceTimersByTimeAsync(SOCKET_TOKEN_CHECK_MS);
  await client.ask({ op: "ping" }, ({ op }) => op === "pong");
  expect(client.told.filter(({ error }) => error !== undefined)).toEqual([]);
  goodTokens.delete("ann's next");
  await vi.advanceTimersByTimeAsync(SOCKET_TOKEN_CHECK_MS);
  expect(await client.until(refused("BAD_CREDENTIALS"))).toMatchObject({
    channel: "notifications",
  });
  await client.ask({ op: "subscribe", channel: "orders" }, refused("SIGN_IN_FIRST"));
  vi.useRealTimers();
});

test("X5 a client that reads nothing is closed, and others are told as before", async () => {
  goodTokens.set("carl's", "carl");
  using slow = await connect();
  using other = await connect();
  for (const client of [slow, other]) {
    client.send({ op: "auth", token: "carl's" });
    client.send({ op: "subscribe", channel: "notifications" });
    await client.until(({ op }) => op === "subscribed");
  }
  slow.socket.pause();
  const text = "x".repeat(32_000);
  const heard = () => other.told.filter(({ notification }) => notification !== undefined).length;
  for (let sent = 50; sent <= 2 * MAX_WAITING_NOTICES; sent += 50) {
    for (let n = 0; n < 50; n += 1) notices.tell("carl", create(NotificationSchema, { text }));
    await vi.waitFor(() => expect(heard()).toBe(sent), {
      interval: 1,
      timeout: PATIENCE_MS,
    });
  }
  const closed = once(slow.socket, "close");
  slow.socket.resume();
  expect((await closed).map(String)).toEqual(["1013", "READER_TOO_SLOW"]);
  const few = slow.told.filter(({ notification }) => notification !== undefined);
  expect(few.length).toBeLessThan(MAX_WAITING_NOTICES);
  expect(slow.told.at(-1)).toMatchObject({ error: { reason: "READER_TOO_SLOW" } });
});
