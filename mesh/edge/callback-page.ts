import type { IncomingMessage, ServerResponse } from "node:http";
import type { ConnectError } from "@connectrpc/connect";
import type { From, Page } from "../edge.ts";
import { reasonOf, retryLater } from "../errors.ts";
import * as limits from "../limits.ts";
import { fail } from "../reasons.ts";
import { answerError, answerStatus, refusal } from "./refusals.ts";

/** How call-backs of providers are taken. */
export type CallbackPageOptions = {
  /** What stands before the provider's name, such as "/hooks/sms/". */
  readonly prefix: string;
  readonly verbs: readonly string[];
  /** Takes a call-back of the provider with the name; tells how many news it brought. */
  readonly take: (request: IncomingMessage, name: string) => Promise<number>;
  /** What the provider is told of an error: it hears no more than that. */
  readonly refusalOf: (error: unknown) => ConnectError;
  /** Hears how each has ended; `error` is what the provider was told, `cause` what was thrown. */
  readonly ended: (callback: EndedCallback) => void;
};

/** A call-back that was answered. */
export type EndedCallback = {
  readonly name: string;
  readonly from: From;
  /** When it came, by performance.now(). */
  readonly startMs: number;
  readonly refused?: { readonly error: ConnectError; readonly cause: unknown };
};

/**
 * Answers the call-backs of providers: with success when what they tell was taken, and then only,
 * so that a provider repeats what it could not leave here.
 */
export function callbackPage(options: CallbackPageOptions): Page {
  const { prefix, verbs, take, refusalOf, ended } = options;
  let running = 0;
  const answer = async (
    request: IncomingMessage,
    response: ServerResponse,
    about: Omit<EndedCallback, "refused">,
  ) => {
    running += 1;
    try {
      if (running > limits.MAX_CALLBACKS) throw overloaded();
      answerTaken(response, await take(request, about.name));
      ended(about);
    } catch (cause) {
      const error = refusalOf(cause);
      const reason = reasonOf(error) ?? "";
      if (reason === "REQUEST_TOO_SLOW") response.setHeader("connection", "close");
      answerError(response, error, statuses[reason]);
      ended({ ...about, refused: { error, cause } });
    } finally {
      running -= 1;
    }
  };
  return (request, response, path, from) => {
    if (!path.startsWith(prefix)) return false;
    response.setHeader("cache-control", "no-store");
    const about = { name: path.slice(prefix.length), from, startMs: performance.now() };
    if (verbs.includes(request.method ?? "")) void answer(request, response, about);
    else answerStatus(response, 405, { verbs });
    return true;
  };
}

/** How much a call-back may bring, and how long that may take. */
export const callbackBounds = {
  maxBytes: limits.MAX_CALLBACK_BYTES,
  timeoutMs: limits.CALLBACK_BODY_MS,
} as const;

/** The statuses that differ from those of the codes: providers go by them. */
const statuses: Readonly<Record<string, number>> = {
  MESSAGE_TOO_LARGE: 413,
  REQUEST_TOO_SLOW: 408,
  OVERLOADED: 503,
};

function answerTaken(response: ServerResponse, received: number): void {
  const body = JSON.stringify({ received });
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
  response.end(body);
}

function overloaded(): ConnectError {
  const retryMs = limits.OVERLOAD_RETRY_MS;
  return retryLater(fail("OVERLOADED", { resource: "the hook", retry_ms: retryMs }), retryMs);
}

/** What a provider hears whose path names nobody. */
export function unknownPath(prefix: string): ConnectError {
  return refusal("PATH_NOT_FOUND", { path: prefix });
}
