import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

type Headers = Record<string, string | string[]>;

/** What a service is sent of a request: the client's headers, and where the request came from. */
export function requestHeaders({ headers, socket }: IncomingMessage): Headers {
  const from = {
    "x-forwarded-for": socket.remoteAddress ?? "",
    "x-forwarded-host": headers.host ?? "",
    "x-forwarded-proto": "http",
  };
  return { ...endToEnd(headers), ...from };
}

/** The headers that are not about one connection (RFC 9110 §7.6.1), nor anybody's own claims. */
export function endToEnd(headers: IncomingHttpHeaders): Headers {
  const named = (headers.connection ?? "").split(",").map((name) => name.trim().toLowerCase());
  const dropped = new Set([...hopByHop, ...named]);
  const kept = Object.entries(headers).filter(([name]) => !dropped.has(name));
  return Object.fromEntries(kept.filter(([, value]) => value !== undefined)) as Headers;
}

const hopByHop = [
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
];
