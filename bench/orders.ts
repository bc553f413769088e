import { closedLoop, type Done, openLoop } from "./load.ts";
import { agreement } from "./orders/agreement.ts";
import { openClassic } from "./orders/classic.ts";
import { cancelAll, type Exchange, listMarket, openExchange } from "./orders/exchange.ts";
import { openStubbed } from "./orders/stubbed.ts";
import { FOLLOWED, measureFanOut } from "./orders/fan-out.ts";
import { createTraders, openTraders, signIn, TRADERS } from "./orders/traders.ts";
import { quantile, type Report, type Row, row } from "./report.ts";
import { type Case, inTurn } from "./rounds.ts";
import { cpuMsOf } from "./withdrawals/processes.ts";
import { outside } from "../scripts/platform/outside.ts";
import { temporaryStack } from "../scripts/platform/temporary-stack.ts";

/** How often each case is measured, and for how long. */
const usual = { rounds: 3, ms: 5000 };

/**
 * Measures orders from the wire to the journal, with their holds on the ledger, on the platform as
 * `npm start` has it, against a process that does the classic thing: one transaction with locked
 * rows an order. Throws unless ledger, trades and open orders agree to the unit afterwards.
 */
export async function bench({ rounds, ms } = usual): Promise<Report> {
  const onPlatform = await measurePlatform(rounds, ms);
  const alone = await measureStubbed(rounds, ms);
  return { bench: "orders", input: describe(ms), rows: toRows({ ...onPlatform, ...alone }) };
}

async function measurePlatform(rounds: number, ms: number) {
  await using stack = await temporaryStack({ say: () => {}, env: { LOG_LEVEL: "error" } });
  const dev = stack.current().describe();
  const { accessToken } = await outside(dev.origin).users.login(dev.admin);
  await listMarket(dev, accessToken);
  const traders = await openTraders(dev);
  await using classic = await openClassic(dev, traders);
  using ours = openExchange(dev, traders);
  using theirs = openExchange(classic.dev, traders);
  const { pids } = dev;
  const mine = casesOf({ name: "", exchange: ours, pids: Object.values(pids), ms });
  const others = [classic.pid, pids["postgres"]!];
  const classics = casesOf({ name: "classic, ", exchange: theirs, pids: others, ms });
  let signedInMs = performance.now();
  const settled: Case[] = mine.map((measure) => async () => {
    if (performance.now() - signedInMs > SIGN_IN_EVERY_MS) {
      await signIn(dev, traders);
      signedInMs = performance.now();
    }
    const found = await measure();
    await agreement(dev, traders);
    await cancelAll(dev, ours.placers());
    return found;
  });
  const fanOut = async () => measureFanOut(dev, ours, ms);
  const found = await inTurn([...settled, ...classics, fanOut], rounds);
  await agreement(dev, traders);
  await classic.verify();
  return found;
}

/** The stream again, with a ledger that agrees to everything and no other service beside it. */
async function measureStubbed(rounds: number, ms: number) {
  await using stubbed = await openStubbed();
  await listMarket(stubbed.dev, stubbed.admin);
  const traders = createTraders();
  await signIn(stubbed.dev, traders);
  using exchange = openExchange(stubbed.dev, traders);
  const measure = async () => {
    const done = await flood(exchange, ms);
    await cancelAll(stubbed.dev, exchange.placers());
    return {
      "stream, holds stubbed": done.perSecond,
      "stream, holds stubbed, p99": quantile(done.latenciesMs, 0.99),
    };
  };
  return await inTurn([measure], rounds);
}

/** Sends messages of orders as fast as they are answered. */
async function flood(exchange: Exchange, ms: number): Promise<Done> {
  await using streams = exchange.openStreams(STREAMS);
  const load = { inFlight: STREAMS * MESSAGES_IN_FLIGHT, ms };
  return await closedLoop(load, async () => streams.placeMany(IN_MESSAGE));
}

type Side = {
  readonly name: string;
  readonly exchange: Exchange;
  readonly pids: readonly number[];
  readonly ms: number;
};

function casesOf({ name, exchange, pids, ms }: Side): Case[] {
  const open = async () => {
    const { latenciesMs } = await openLoop({ perSecond: PER_SECOND, ms }, exchange.place);
    return {
      [`${name}unary at a fixed rate, p50`]: quantile(latenciesMs, 0.5),
      [`${name}unary at a fixed rate, p99`]: quantile(latenciesMs, 0.99),
      [`${name}unary at a fixed rate, no answer`]: exchange.unanswered(),
    };
  };
  const unary = async () => {
    const beforeMs = cpuMsOf(pids);
    const load = { inFlight: CALLERS, ms };
    const { perSecond, latenciesMs } = await closedLoop(load, exchange.place);
    return {
      [`${name}unary`]: perSecond,
      [`${name}unary, p99`]: quantile(latenciesMs, 0.99),
      [`${name}unary, server CPU`]: (cpuMsOf(pids) - beforeMs) / latenciesMs.length,
    };
  };
  const stream = async () => {
    const beforeMs = cpuMsOf(pids);
    const done = await flood(exchange, ms);
    const orders = done.latenciesMs.length * IN_MESSAGE;
    return {
      [`${name}stream`]: done.perSecond,
      [`${name}stream, p99`]: quantile(done.latenciesMs, 0.99),
      [`${name}stream, server CPU`]: (cpuMsOf(pids) - beforeMs) / orders,
    };
  };
  return [open, unary, stream];
}

/** Well within the life of an access token, of which a service checks each once. */
const SIGN_IN_EVERY_MS = 5 * 60 * 1000;
const [PER_SECOND, CALLERS] = [1000, 128];
const [STREAMS, MESSAGES_IN_FLIGHT, IN_MESSAGE] = [8, 2, 256];

function describe(ms: number): string {
  return (
    `the platform of npm start, ${TRADERS} traders on one market, limit orders of one size over ` +
    `gRPC with mutual TLS, one in five at a price that may meet another; each has its funds held ` +
    `on the ledger and is answered when it is journaled; ${ms / 1000} s a run; unary: ${CALLERS} ` +
    `calls in flight; at a fixed rate: ${PER_SECOND} are due a second, and count from when they ` +
    `are due; stream: ${STREAMS} streams with ${MESSAGES_IN_FLIGHT} messages of ${IN_MESSAGE} ` +
    `orders in flight each; server CPU: of all processes but the one that asks, PostgreSQL and ` +
    `nats-server too; classic: one process on the same edge, in the same PostgreSQL; a function ` +
    `that locks the market and balances, matches and books, one transaction an order; totals are ` +
    `compared afterwards; holds stubbed: matching alone, with a ledger that agrees to everything; ` +
    `fan-out: ${FOLLOWED.subscribers} WebSockets follow a book that changes ${FOLLOWED.perSecond} ` +
    `times a second and compare its checksum, from the time of a change on`
  );
}

function toRows(found: Readonly<Record<string, readonly number[]>>): Row[] {
  const names = [
    ["unary", "orders/s"],
    ["unary, p99", "ms"],
    ["unary, server CPU", "ms"],
    ["unary at a fixed rate, p50", "ms"],
    ["unary at a fixed rate, p99", "ms"],
    ["unary at a fixed rate, no answer", "calls"],
    ["stream", "orders/s"],
    ["stream, p99", "ms"],
    ["stream, server CPU", "ms"],
  ] as const;
  const theirs = names.map(([name, unit]) =>
    row(`classic, ${name}`, unit, found[`classic, ${name}`]!),
  );
  const ours = names.map(([name, unit], at) => {
    const baseline = theirs[at]!;
    return row(name, unit, found[name]!, baseline.value > 0 ? baseline : undefined);
  });
  const stubbed = [
    row("stream, holds stubbed", "orders/s", found["stream, holds stubbed"]!),
    row("stream, holds stubbed, p99", "ms", found["stream, holds stubbed, p99"]!),
  ];
  const fanOut = [
    row("fan-out", "messages/s", found["fan-out"]!),
    row("fan-out, p50", "ms", found["fan-out, p50"]!),
    row("fan-out, p99", "ms", found["fan-out, p99"]!),
  ];
  return [...ours, ...stubbed, ...fanOut, ...theirs];
}
