// Shows the book of a market as it changes, and checks each change: an example of a client.
//   node scripts/watch-book.ts ABAN-IRR [ws://127.0.0.1:8080/ws]
import { type BookMessage, type ClientBook, clientBook } from "./order-book/client-book.ts";

const [market = "ABAN-IRR", url = "ws://127.0.0.1:8080/ws"] = process.argv.slice(2);

/** Follows the book until the connection ends; a book that has a gap begins anew. */
async function watch(): Promise<void> {
  const socket = new WebSocket(url);
  const ended = Promise.withResolvers<void>();
  let book = clientBook();
  const subscribe = (op: string) =>
    socket.send(JSON.stringify({ op, channel: "book:100ms", market }));
  socket.addEventListener("open", () => subscribe("subscribe"));
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(String(data)) as BookMessage & { error?: { message: string } };
    if (message.error !== undefined) throw new Error(message.error.message);
    if (!("snapshot" in message || "delta" in message || "heartbeat" in message)) return;
    const taken = book.take(message);
    if (taken === "applied") show(book);
    if (taken !== "gap") return;
    book = clientBook();
    subscribe("unsubscribe");
    subscribe("subscribe");
  });
  socket.addEventListener("close", () => ended.resolve());
  socket.addEventListener("error", () => ended.reject(new Error(`${url} does not answer`)));
  await ended.promise;
}

function show(book: ClientBook): void {
  const [bid, ask] = [book.bids()[0], book.asks()[0]];
  const side = (level: typeof bid) => (level ? `${level.size} at ${level.price}` : "nothing");
  process.stdout.write(`${book.sequence()}: bid ${side(bid)}, ask ${side(ask)}\n`);
}

if (import.meta.main) await watch();
