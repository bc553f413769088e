import type { IncomingMessage } from "node:http";

/** Reads the headers of a request one by one, without a copy of all. */
export function headersOf({ headers }: IncomingMessage): Pick<Headers, "get"> {
  return { get: (name) => [headers[name] ?? []].flat().join(", ") || null };
}
