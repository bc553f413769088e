import type { IncomingMessage, ServerResponse } from "node:http";
import type { ConnectError } from "@connectrpc/connect";
import type { CallListener } from "#mesh/call-record.ts";
import { answerRefusal } from "#mesh/compat/refused.ts";
import type { Page } from "#mesh/edge.ts";
import { refusedCall } from "#mesh/edge/refused-call.ts";
import { reasonOf } from "#mesh/errors.ts";
import type { Log } from "#mesh/log.ts";
import { fail } from "#mesh/reasons.ts";

/** What the path needs. */
type Means = { readonly log: Pick<Log, "info">; readonly calls: CallListener };

/**
 * Refuses all calls of `POST /api/settlement/withdraw`, on which payouts were asked for over HTTP:
 * with 401 without an internal token, with 403 with one, since payouts are asked for inside of the
 * mesh alone (GATE-2). Every one is logged; the token is not looked at.
 */
export function oldWithdraw({ log, calls }: Means): Page {
  return (request, response, path, { client: { ip } }) => {
    if (path.replace(/\/$/, "") !== PATH) return false;
    const startMs = performance.now();
    const error = refusalOf(request);
    answer(response, error);
    const key = request.headers["idempotency-key"];
    const call = refusedCall({ method: `${request.method} ${PATH}`, error, ip, startMs, key });
    calls(call);
    log.info({ method: call.method, code: call.code, reason: reasonOf(error), ip }, "refused");
    return true;
  };
}

const PATH = "/api/settlement/withdraw";

function refusalOf({ headers }: IncomingMessage): ConnectError {
  const token = headers["x-internal-token"] ?? "";
  if (token === "") return fail("BAD_CREDENTIALS", { header: "x-internal-token" });
  return fail("NOT_ALLOWED", { caller: "A caller outside the mesh" });
}

function answer(response: ServerResponse, error: ConnectError): void {
  const { status, body } = answerRefusal(error, { key: "detail" });
  const bytes = Buffer.from(JSON.stringify(body));
  response.setHeader("cache-control", "no-store");
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": bytes.byteLength,
  });
  response.end(bytes);
}
