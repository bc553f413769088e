import type { IncomingMessage } from "node:http";

/** Names of headers and their values, one after the other, as Node takes and gives them. */
export type HeaderList = readonly string[];

/** What a service is sent of a request: the client's headers, and where the request came from. */
export function requestHeaders({ headers, socket }: IncomingMessage, address: string): string[] {
  const { connection, host } = headers;
  const kept: string[] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (Array.isArray(value)) for (const one of value) kept.push(name, one);
    else if (value !== undefined) kept.push(name, value);
  }
  const sent = endToEnd(kept, connection);
  if (host === undefined) sent.push("host", address);
  sent.push("x-forwarded-for", socket.remoteAddress ?? "");
  sent.push("x-forwarded-host", host ?? "", "x-forwarded-proto", "http");
  return sent;
}

/**
 * The headers that are not about one connection (RFC 9110 §7.6.1), nor anybody's own claims. Their
 * names are in lower case; the header Connection, if there is one, may name more of them.
 */
export function endToEnd(headers: HeaderList, connection: string | undefined): string[] {
  const named = connection === undefined ? none : namesIn(connection);
  const kept: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const [name, value] = [headers[at]!, headers[at + 1]!];
    if (!hopByHop.has(name) && !named.includes(name)) kept.push(name, value);
  }
  return kept;
}

const none: readonly string[] = [];

function namesIn(connection: string): readonly string[] {
  if (connection === "keep-alive" || connection === "close") return none; // most say just that
  return connection.split(",").map((name) => name.trim().toLowerCase());
}

const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "expect",
  "forwarded",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
]);
