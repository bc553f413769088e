import type { IncomingMessage, ServerResponse } from "node:http";
import { ConnectError } from "@connectrpc/connect";
import type { Page } from "#mesh/edge.ts";
import { readBody } from "#mesh/edge/read-body.ts";
import { answerError, answerStatus, refusal } from "#mesh/edge/refusals.ts";
import { reasonOf, retryLater } from "#mesh/errors.ts";
import * as limits from "#mesh/limits.ts";
import { fail } from "#mesh/reasons.ts";
import type { Sms } from "./context.ts";
import { createReceiptIntake, type TakeReceipts } from "./operations/receipt-intake.ts";
import { CallbackError, type SmsProvider } from "./providers/provider.ts";

/** What the hooks need. */
type Means = Pick<Sms, "db" | "log" | "metrics" | "provider">;

/**
 * Answers the call-backs of providers at `/hooks/sms/{provider}`: with success when their receipts
 * are committed, and then only (DLR-1). What a provider can't leave here it has to repeat.
 */
export function hooks(sms: Means): Page {
  const take = createReceiptIntake(sms);
  const calls = sms.metrics.counter("mizan_sms_callbacks_total", "Call-backs of providers.");
  let running = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse, name: string) => {
    const { provider, log } = sms;
    const count = (outcome: string) => calls.add({ provider: provider.name, outcome });
    running += 1;
    try {
      if (running > limits.MAX_CALLBACKS) throw overloaded();
      if (name !== provider.name) throw refusal("PATH_NOT_FOUND", { path: PREFIX });
      const received = await receive(request, provider, take);
      answerTaken(response, received);
      count("taken");
    } catch (error) {
      const refused = refusalOf(error);
      if (reasonOf(refused) === "REQUEST_TOO_SLOW") response.setHeader("connection", "close");
      answerError(response, refused, statuses[reasonOf(refused) ?? ""]);
      count(reasonOf(refused) ?? "INTERNAL");
      if (reasonOf(refused) === "INTERNAL") log.error({ err: error }, "a call-back failed");
      else log.info({ err: refused }, "a call-back was refused");
    } finally {
      running -= 1;
    }
  };
  return (request, response, path) => {
    if (!path.startsWith(PREFIX)) return false;
    response.setHeader("cache-control", "no-store");
    if (verbs.includes(request.method ?? "")) {
      void answer(request, response, path.slice(PREFIX.length));
    } else answerStatus(response, 405, verbs);
    return true;
  };
}

const PREFIX = "/hooks/sms/";
const verbs = ["GET", "POST"];

/** The statuses that differ from those of the codes: providers go by them. */
const statuses: Readonly<Record<string, number>> = {
  MESSAGE_TOO_LARGE: 413,
  REQUEST_TOO_SLOW: 408,
  OVERLOADED: 503,
};

/** Reads a call-back and stores its receipts; tells how many there were. */
async function receive(
  request: IncomingMessage,
  provider: SmsProvider,
  take: TakeReceipts,
): Promise<number> {
  const bounds = { maxBytes: limits.MAX_CALLBACK_BYTES, timeoutMs: limits.CALLBACK_BODY_MS };
  const body = await readBody(request, bounds);
  const { headers, url = "" } = request;
  const query = new URLSearchParams(url.includes("?") ? url.slice(url.indexOf("?")) : "");
  const receipts = provider.parseCallback({ headers, query, body });
  await take(provider.name, receipts);
  return receipts.length;
}

function answerTaken(response: ServerResponse, received: number): void {
  const body = JSON.stringify({ received });
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
  response.end(body);
}

/** What the provider is told; a stranger hears no more than that. */
function refusalOf(error: unknown): ConnectError {
  if (error instanceof CallbackError) {
    if (error.fault === "STRANGER") return fail("BAD_CREDENTIALS", { header: "authorization" });
    return refusal("MALFORMED_REQUEST", { problem: "these are no receipts" });
  }
  return error instanceof ConnectError ? error : refusal("INTERNAL");
}

function overloaded(): ConnectError {
  const retryMs = limits.OVERLOAD_RETRY_MS;
  return retryLater(fail("OVERLOADED", { resource: "the hook", retry_ms: retryMs }), retryMs);
}
