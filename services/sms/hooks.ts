import type { IncomingMessage } from "node:http";
import { ConnectError } from "@connectrpc/connect";
import type { Page } from "#mesh/edge.ts";
import {
  callbackBounds,
  callbackPage,
  type EndedCallback,
  unknownPath,
} from "#mesh/edge/callback-page.ts";
import { readBody } from "#mesh/edge/read-body.ts";
import { refusal } from "#mesh/edge/refusals.ts";
import { reasonOf } from "#mesh/errors.ts";
import { fail } from "#mesh/reasons.ts";
import type { Sms } from "./context.ts";
import { createReceiptIntake } from "./operations/receipt-intake.ts";
import { CallbackError, type SmsProvider } from "./providers/provider.ts";

/** What the hooks need. */
type Means = Pick<Sms, "db" | "log" | "metrics" | "provider">;

/**
 * Answers the call-backs of providers at `/hooks/sms/{provider}`: with success when their receipts
 * are committed, and then only (DLR-1). What a provider can't leave here it has to repeat.
 */
export function hooks(sms: Means): Page {
  const { provider, log } = sms;
  const takeReceipts = createReceiptIntake(sms);
  const calls = sms.metrics.counter("mizan_sms_callbacks_total", "Call-backs of providers.");
  const take = async (request: IncomingMessage, name: string) => {
    if (name !== provider.name) throw unknownPath(PREFIX);
    const receipts = await receive(request, provider);
    await takeReceipts(provider.name, receipts);
    return receipts.length;
  };
  const ended = ({ refused }: EndedCallback) => {
    const reason = refused && (reasonOf(refused.error) ?? "INTERNAL");
    calls.add({ provider: provider.name, outcome: reason ?? "taken" });
    if (reason === "INTERNAL") log.error({ err: refused?.cause }, "a call-back failed");
    else if (refused !== undefined) log.info({ err: refused.error }, "a call-back was refused");
  };
  return callbackPage({ prefix: PREFIX, verbs: ["GET", "POST"], take, refusalOf, ended });
}

const PREFIX = "/hooks/sms/";

/** Reads the receipts of a call-back. */
async function receive(
  request: IncomingMessage,
  provider: SmsProvider,
): Promise<ReturnType<SmsProvider["parseCallback"]>> {
  const body = await readBody(request, callbackBounds);
  const { headers, url = "" } = request;
  const query = new URLSearchParams(url.includes("?") ? url.slice(url.indexOf("?")) : "");
  return provider.parseCallback({ headers, query, body });
}

/** What the provider is told; a stranger hears no more than that. */
function refusalOf(error: unknown): ConnectError {
  if (error instanceof CallbackError) {
    if (error.fault === "STRANGER") return fail("BAD_CREDENTIALS", { header: "authorization" });
    return refusal("MALFORMED_REQUEST", { problem: "these are no receipts" });
  }
  return error instanceof ConnectError ? error : refusal("INTERNAL");
}
