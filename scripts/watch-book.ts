// Shows the book of a market as it changes, and checks each change: an example of a client.
//   npm run watch-book -- ABAN-IRR [ws://127.0.0.1:8080/ws]
import { setTimeout as sleep } from "node:timers/promises";
import { type BookMessage, type ClientBook, clientBook } from "./order-book/client-book.ts";
import { homeFolder, readDevFile } from "./platform/dev-file.ts";

const [market = "ABAN-IRR", url = urlHere()] = process.argv.slice(2);

/** Where the stack of this machine is. */
function urlHere(): string {
  return `${readDevFile(homeFolder()).origin.replace(/^http/, "ws")}/ws`;
}

/** Connects anew when the connection ends, as the service does that restarts; gives up after a minute. */
async function watchOn(): Promise<void> {
  if (!(await watch())) throw new Error(`${url} does not answer`);
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    process.stdout.write("the connection has ended; trying again\n");
    await sleep(PAUSE_MS);
    if (await watch()) tries = 0;
  }
  throw new Error(`${url} does not answer any more`);
}

const [MAX_TRIES, PAUSE_MS] = [60, 1000];

/** Whether there was a book on any connection. */
const seen = { hasBook: false };

/**
 * Follows the book until the connection ends; a book that has a gap begins anew. Returns whether there
 * was a connection, and throws what the service refuses with.
 */
async function watch(): Promise<boolean> {
  const socket = new WebSocket(url);
  const ended = Promise.withResolvers<void>();
  let isOpen = false;
  let book = clientBook();
  const subscribe = (op: string) =>
    socket.send(JSON.stringify({ op, channel: "book:100ms", market }));
  socket.addEventListener("open", () => {
    isOpen = true;
    subscribe("subscribe");
  });
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(String(data)) as BookMessage & { error?: { message: string } };
    if (message.error !== undefined) {
      if (!seen.hasBook) ended.reject(new Error(message.error.message));
      socket.close(); // of a book that was there it is for a while
      return;
    }
    if (!("snapshot" in message || "delta" in message || "heartbeat" in message)) return;
    const taken = book.take(message);
    seen.hasBook ||= taken === "applied";
    if (taken === "applied") show(book);
    if (taken !== "gap") return;
    book = clientBook();
    subscribe("unsubscribe");
    subscribe("subscribe");
  });
  socket.addEventListener("close", () => ended.resolve()); // after an error too
  await ended.promise;
  return isOpen;
}

function show(book: ClientBook): void {
  const [bid, ask] = [book.bids()[0], book.asks()[0]];
  const side = (level: typeof bid) => (level ? `${level.size} at ${level.price}` : "nothing");
  process.stdout.write(`${book.sequence()}: bid ${side(bid)}, ask ${side(ask)}\n`);
}

if (import.meta.main) {
  await watchOn().catch((error: unknown) => {
    console.error((error as Error).message);
    process.exitCode = 1;
  });
}
