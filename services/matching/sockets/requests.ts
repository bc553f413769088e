import { BOOK_DEPTH_LEVELS } from "#mesh/limits.ts";
import { type Interval, INTERVALS } from "../domain/candles.ts";
import { fail } from "../errors.ts";

/** What a client of the WebSocket may ask for. */
export type SocketRequest =
  | { readonly op: "ping" }
  | { readonly op: "auth"; readonly token: string }
  | { readonly op: "subscribe"; readonly topic: SocketTopic }
  | { readonly op: "unsubscribe"; readonly topic: SocketTopic };

/** The fields of a request, which nobody has looked at. */
export type SocketFields = Readonly<Record<string, unknown>>;

/** What an answer says of the request that it is for, as the client has written it. */
export type SocketAbout = {
  readonly id?: string | number;
  readonly channel?: string;
  readonly market?: string;
};

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

/** Reads the text of a client. Throws BAD_SOCKET_REQUEST. */
export function readFields(text: string): SocketFields {
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === "object" && read !== null) return read as SocketFields;
  } catch {
    // said below
  }
  throw bad("it is no object of JSON");
}

/** What can be said of a request, be it good or not. */
export function aboutOf({ id, channel, market }: SocketFields): SocketAbout {
  return {
    ...(isId(id) && { id }),
    ...(isShort(channel) && { channel }),
    ...(isShort(market) && market !== "" && { market }),
  };
}

/** Finds out what is asked for. Throws BAD_SOCKET_REQUEST and UNKNOWN_CHANNEL. */
export function readRequest(fields: SocketFields): SocketRequest {
  const { op, id } = fields;
  if (op !== "ping" && op !== "auth" && op !== "subscribe" && op !== "unsubscribe") {
    throw bad('"op" is one of subscribe, unsubscribe, auth and ping');
  }
  if (id !== undefined && !isId(id)) {
    throw bad(`"id" is no whole number and no text of 1 to ${MAX_ABOUT_LENGTH} characters`);
  }
  const unknown = Object.keys(fields).find((name) => !common.has(name) && !known[op].has(name));
  if (unknown !== undefined) throw bad(`"${unknown.slice(0, 100)}" is no field of ${op}`);
  if (op === "ping") return { op };
  if (op === "auth") return { op, token: textOf(fields, "token") };
  return { op, topic: topicOf(fields) };
}

function topicOf(fields: SocketFields): SocketTopic {
  const channel = textOf(fields, "channel");
  const kind = kindOf(channel);
  const interval = channel.slice("candles:".length) as Interval;
  const market = "market" in fields ? textOf(fields, "market") : "";
  if (market === "" && needsMarket.has(kind)) throw bad('"market" is missing');
  const depth = numberOf(fields, "depth");
  if (depth > BOOK_DEPTH_LEVELS.most) throw bad(`"depth" is at most ${BOOK_DEPTH_LEVELS.most}`);
  const afterSequence = numberOf(fields, "afterSequence");
  const afterTradeId = numberOf(fields, "afterTradeId");
  return { channel, kind, market, interval, depth, afterSequence, afterTradeId };
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

function textOf(fields: SocketFields, name: string): string {
  const value = fields[name];
  if (typeof value !== "string") throw bad(`"${name}" is no text`);
  return value;
}

/** A whole number, or its digits as the texts of the feed have them; 0 when it is absent. */
function numberOf(fields: SocketFields, name: string): number {
  const value = fields[name] ?? 0;
  const number = typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isSafeInteger(number) && number >= 0) return number;
  throw bad(`"${name}" is no whole number`);
}

function isId(value: unknown): value is string | number {
  return Number.isSafeInteger(value) || (isShort(value) && value !== "");
}

function isShort(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_ABOUT_LENGTH;
}

function bad(problem: string) {
  return fail("BAD_SOCKET_REQUEST", { problem });
}

/** How long a text of a request may be that its answer repeats, in characters. */
const MAX_ABOUT_LENGTH = 64;

const common: ReadonlySet<string> = new Set(["op", "id"]);
const topic: ReadonlySet<string> = new Set([
  "channel",
  "market",
  "depth",
  "afterSequence",
  "afterTradeId",
]);
/** A misspelt field would be left out in silence: each op knows its own. */
const known: Readonly<Record<SocketRequest["op"], ReadonlySet<string>>> = {
  ping: new Set(),
  auth: new Set(["token"]),
  subscribe: topic,
  unsubscribe: topic,
};

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
