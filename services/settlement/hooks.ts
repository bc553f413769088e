import type { IncomingMessage } from "node:http";
import { ConnectError } from "@connectrpc/connect";
import type { CallListener } from "#mesh/call-record.ts";
import type { Page } from "#mesh/edge.ts";
import {
  callbackBounds,
  callbackPage,
  type EndedCallback,
  unknownPath,
} from "#mesh/edge/callback-page.ts";
import { readBytes } from "#mesh/edge/read-body.ts";
import { refusal } from "#mesh/edge/refusals.ts";
import { refusedCall } from "#mesh/edge/refused-call.ts";
import { reasonOf } from "#mesh/errors.ts";
import { fail } from "#mesh/reasons.ts";
import type { Settlement } from "./context.ts";
import { createCallbackIntake } from "./operations/callback-intake.ts";
import { CallbackError } from "./providers/bank.ts";

/** What the hooks need; refused call-backs go to the request log. */
type Means = Pick<Settlement, "db" | "log" | "metrics" | "banks"> & {
  readonly calls: CallListener;
  /** Is told of each call-back that is stored, so that what it tells has its effect soon. */
  readonly stored: () => void;
};

/**
 * Answers the call-backs of banks at `/hooks/bank/{provider}`: with success when they are committed
 * as they came, and then only (GATE-4). The signature is checked before anything else is looked at.
 */
export function hooks({ db, log, metrics, banks, calls, stored }: Means): Page {
  const store = createCallbackIntake({ db });
  const counter = metrics.counter(
    "mizan_settlement_callbacks_total",
    "Call-backs of banks by how they were answered.",
  );
  const take = async (request: IncomingMessage, provider: string) => {
    const bank = banks.get(provider);
    if (bank === undefined) throw unknownPath(PREFIX);
    const body = await readBytes(request, callbackBounds);
    const { headers } = request;
    const callback = bank.parseCallback({ headers, body, nowMs: Date.now() });
    await store({ ...callback, provider, body });
    stored();
    return 1;
  };
  const ended = ({ name, from, startMs, refused }: EndedCallback) => {
    const reason = refused && (reasonOf(refused.error) ?? "INTERNAL");
    const provider = banks.has(name) ? name : "nobody";
    counter.add({ provider, outcome: reason ?? "taken" });
    if (refused === undefined) return;
    const { error, cause } = refused;
    const { ip } = from.client;
    calls(refusedCall({ method: `POST ${PREFIX}${provider}`, error, ip, startMs }));
    if (reason === "INTERNAL") log.error({ err: cause, provider, ip }, "a call-back failed");
    else log.info({ err: error, provider, ip }, "a call-back was refused");
  };
  return callbackPage({ prefix: PREFIX, verbs: ["POST"], take, refusalOf, ended });
}

const PREFIX = "/hooks/bank/";

/** What the bank is told; a stranger hears no more than that. */
function refusalOf(error: unknown): ConnectError {
  if (error instanceof CallbackError) {
    if (error.fault === "STRANGER") return fail("BAD_CREDENTIALS", { header: "bank-signature" });
    return refusal("MALFORMED_REQUEST", { problem: "this tells of no payment" });
  }
  return error instanceof ConnectError ? error : refusal("INTERNAL");
}
