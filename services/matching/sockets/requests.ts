import { BOOK_DEPTH_LEVELS } from "#mesh/limits.ts";
import { type Interval, INTERVALS } from "../domain/candles.ts";
import { fail } from "../errors.ts";

/** What a client of the WebSocket may ask for. */
export type SocketRequest =
  | { readonly op: "ping" }
  | { readonly op: "auth"; readonly token: string }
  | { readonly op: "subscribe"; readonly topic: SocketTopic }
  | { readonly op: "unsubscribe"; readonly topic: SocketTopic };

/** What somebody subscribes to, and from where it goes on. */
export type SocketTopic = {
  readonly channel: string;
  readonly kind: ChannelKind;
  /** Empty where a channel is for all markets. */
  readonly market: string;
  /** Of the channel of candles. */
  readonly interval: Interval;
  /** How many prices of each side the snapshot of a book has; 0 is the usual number. */
  readonly depth: number;
  /** The last change of the book that is known; 0 for none. */
  readonly afterSequence: number;
  /** The last trade that is known; 0 for none. */
  readonly afterTradeId: number;
};

/** What channels there are. */
type ChannelKind =
  | "book"
  | "book:100ms"
  | "trades"
  | "candles"
  | "tickers"
  | "orders"
  | "notifications";

/** Reads the text of a client. Throws BAD_SOCKET_REQUEST and UNKNOWN_CHANNEL. */
export function readRequest(text: string): SocketRequest {
  const fields = fieldsOf(text);
  const { op } = fields;
  if (op === "ping") return { op };
  if (op === "auth") return { op, token: textOf(fields, "token") };
  if (op !== "subscribe" && op !== "unsubscribe") {
    throw bad('"op" is one of subscribe, unsubscribe, auth and ping');
  }
  const channel = textOf(fields, "channel");
  const kind = kindOf(channel);
  const interval = channel.slice("candles:".length) as Interval;
  const market = "market" in fields ? textOf(fields, "market") : "";
  if (market === "" && needsMarket.has(kind)) throw bad('"market" is missing');
  const depth = numberOf(fields, "depth");
  if (depth > BOOK_DEPTH_LEVELS.most) throw bad(`"depth" is at most ${BOOK_DEPTH_LEVELS.most}`);
  const afterSequence = numberOf(fields, "afterSequence");
  const afterTradeId = numberOf(fields, "afterTradeId");
  return { op, topic: { channel, kind, market, interval, depth, afterSequence, afterTradeId } };
}

function fieldsOf(text: string): Record<string, unknown> {
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === "object" && read !== null) return read as Record<string, unknown>;
  } catch {
    // said below
  }
  throw bad("it is no object of JSON");
}

function kindOf(channel: string): ChannelKind {
  const [name = "", rest] = channel.split(/:(.*)/s);
  if (name === "candles") {
    if (INTERVALS.includes(rest as Interval)) return "candles";
  } else if (channels.has(channel as ChannelKind)) {
    return channel as ChannelKind;
  }
  throw fail("UNKNOWN_CHANNEL", { channel: channel.slice(0, 100) });
}

function textOf(fields: Record<string, unknown>, name: string): string {
  const value = fields[name];
  if (typeof value !== "string") throw bad(`"${name}" is no text`);
  return value;
}

/** A whole number, or its digits as the texts of the feed have them; 0 when it is absent. */
function numberOf(fields: Record<string, unknown>, name: string): number {
  const value = fields[name] ?? 0;
  const number = typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isSafeInteger(number) && number >= 0) return number;
  throw bad(`"${name}" is no whole number`);
}

function bad(problem: string) {
  return fail("BAD_SOCKET_REQUEST", { problem });
}

const needsMarket: ReadonlySet<ChannelKind> = new Set<ChannelKind>([
  "book",
  "book:100ms",
  "trades",
  "candles",
]);
const channels: ReadonlySet<ChannelKind> = new Set<ChannelKind>([
  "book",
  "book:100ms",
  "trades",
  "tickers",
  "orders",
  "notifications",
]);
