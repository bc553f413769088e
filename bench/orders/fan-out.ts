import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import type { DevFile } from "../../scripts/platform/dev-file.ts";
import { type BookMessage, clientBook } from "../../scripts/order-book/client-book.ts";
import { openLoop } from "../load.ts";
import { quantile } from "../report.ts";
import type { Exchange } from "./exchange.ts";
import { MARKET } from "./traders.ts";

/** How many clients follow the book, and how often it changes. */
export const FOLLOWED = { subscribers: 1000, perSecond: 10 } as const;

/**
 * Has clients on this machine follow a book that changes ten times a second, each with a copy of its
 * own whose checksum it compares after each change. Measures from the time that a change has, which
 * is that of its batch, until a client has compared it. Throws at a gap and at a wrong checksum.
 */
export async function measureFanOut(
  { http }: Pick<DevFile, "http">,
  exchange: Pick<Exchange, "place">,
  ms: number,
): Promise<Record<string, number>> {
  const latenciesMs: number[] = [];
  let isMeasured = false;
  const note = (latencyMs: number) => void (isMeasured && latenciesMs.push(latencyMs));
  const url = `ws://${http["matching"]}/ws`;
  await using opened = new AsyncDisposableStack();
  const followers: Follower[] = [];
  for (let count = 0; count < FOLLOWED.subscribers; count += 1) {
    followers.push(opened.use(await follow(url, note)));
  }
  isMeasured = true;
  await openLoop({ perSecond: FOLLOWED.perSecond, ms }, exchange.place);
  await sleep(SETTLED_MS);
  const sequences = new Set(followers.map(({ sequence }) => sequence()));
  if (sequences.size > 1) throw new Error(`followers are at ${[...sequences].join()}`);
  return {
    "fan-out": (latenciesMs.length / ms) * 1000,
    "fan-out, p50": quantile(latenciesMs, 0.5),
    "fan-out, p99": quantile(latenciesMs, 0.99),
  };
}

type Follower = AsyncDisposable & { readonly sequence: () => bigint };

/** Returns once the book is there. */
async function follow(url: string, note: (latencyMs: number) => void): Promise<Follower> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, "open");
  const book = clientBook();
  const begun = Promise.withResolvers<void>();
  socket.on("message", (data: Buffer) => {
    const message = JSON.parse(data.toString()) as BookMessage & { delta?: { time: string } };
    const taken = book.take(message);
    if (message.snapshot !== undefined) begun.resolve();
    if (taken === "gap") fail(new Error("a follower's book is not the market's"));
    if (taken === "applied" && message.delta !== undefined) {
      note(performance.timeOrigin + performance.now() - Date.parse(message.delta.time));
    }
  });
  const fail = (error: Error) => {
    begun.reject(error);
    socket.terminate();
  };
  socket.send(JSON.stringify({ op: "subscribe", channel: "book", market: MARKET }));
  await begun.promise;
  return {
    sequence: book.sequence,
    [Symbol.asyncDispose]: async () => {
      const closed = once(socket, "close");
      socket.close();
      await closed;
    },
  };
}

/** More than the last change takes. */
const SETTLED_MS = 500;
