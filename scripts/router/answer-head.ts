import type { HeaderList } from "./forwarded.ts";

/** What comes before the body of an answer. */
export type AnswerHead = {
  readonly status: number;
  /** The names are in lower case. */
  readonly headers: HeaderList;
  /** The value of the header Connection. */
  readonly connection: string | undefined;
  /** The bytes of the body, or by what it ends. */
  readonly body: number | "chunks" | "end of connection";
  /** How long the connection is kept for another request, in milliseconds: 0 when it is closed. */
  readonly keptMs: number;
};

/** Thrown for what is no answer of HTTP/1.1, or one that could be read in two ways. */
export class BadAnswer extends Error {}

/**
 * Reads the text before the empty line. Whatever may be read in two ways is refused, so that what is
 * taken for a body is one: two lengths, a length next to chunks, folded lines, bare line breaks.
 */
export function parseHead(text: string, method: string): AnswerHead {
  if (!wellFormed.test(text)) throw new BadAnswer("the head is not well-formed");
  const status = Number(text.slice(9, 12));
  const headers: string[] = [];
  let [connection, length, encoding, kept]: (string | undefined)[] = [];
  for (let end = text.indexOf("\r\n"); end !== -1;) {
    const start = end + 2;
    end = text.indexOf("\r\n", start);
    const colon = text.indexOf(":", start);
    const name = text.slice(start, colon).toLowerCase();
    const value = trimmed(text, colon + 1, end === -1 ? text.length : end);
    headers.push(name, value);
    if (name === "connection") connection = joined(connection, value);
    else if (name === "content-length") length = joined(length, value);
    else if (name === "transfer-encoding") encoding = joined(encoding, value);
    else if (name === "keep-alive") kept = value;
  }
  const hasBody = method !== "HEAD" && status !== 204 && status !== 304 && status >= 200;
  const body = hasBody ? framing(length, encoding) : 0;
  const isCurrent = text.charCodeAt(7) === ONE; // HTTP/1.0 closes after each answer
  const closes = connection !== undefined && close.test(connection);
  const keeps = isCurrent && !closes && body !== "end of connection";
  return { status, headers, connection, body, keptMs: keeps ? keptFor(kept) : 0 };
}

/** HTTP/1.1 200 OK, then lines with a name, a colon and what may stand in a value (RFC 9110 §5). */
const wellFormed =
  /^HTTP\/1\.[01] [1-9]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?(?:\r\n[\w!#$%&'*+.^`|~-]+:[\t\x20-\x7e\x80-\xff]*)*$/;
const close = /(?:^|,)[ \t]*close[ \t]*(?:,|$)/i;
const ONE = 0x31;

/** How the body ends (RFC 9112 §6.3). */
function framing(length: string | undefined, encoding: string | undefined): AnswerHead["body"] {
  if (encoding !== undefined) {
    if (encoding.toLowerCase() !== "chunked" || length !== undefined) {
      throw new BadAnswer("the transfer encoding is not just chunked");
    }
    return "chunks";
  }
  if (length === undefined) return "end of connection";
  if (!/^\d{1,15}$/.test(length)) throw new BadAnswer("the length is not one number");
  return Number(length);
}

/** A service may say how many seconds it keeps a connection; one less is safe to count on. */
function keptFor(hint = ""): number {
  const [, seconds] = /(?:^|[,\s])timeout=(\d+)/i.exec(hint) ?? [];
  return seconds === undefined ? Number.POSITIVE_INFINITY : (Number(seconds) - 1) * 1000;
}

function joined(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}, ${value}`;
}

/** The part without the blanks around it; trim() would take characters that belong to a value. */
function trimmed(text: string, from: number, to: number): string {
  let [start, end] = [from, to];
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
