// Shows the book of a market as it changes, and checks each change: an example of a client.
//   npm run watch-book -- ABAN-IRR [ws://127.0.0.1:8080/ws]
import { type BookMessage, type ClientBook, clientBook } from "./order-book/client-book.ts";
import { homeFolder, readDevFile } from "./platform/dev-file.ts";

const [market = "ABAN-IRR", url = urlHere()] = process.argv.slice(2);

/** Where the stack of this machine is. */
function urlHere(): string {
  return `${readDevFile(homeFolder()).origin.replace(/^http/, "ws")}/ws`;
}

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
    if (message.error !== undefined) {
      ended.reject(new Error(message.error.message));
      socket.close();
      return;
    }
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

if (import.meta.main) {
  await watch().catch((error: unknown) => {
    console.error((error as Error).message);
    process.exitCode = 1;
  });
}
