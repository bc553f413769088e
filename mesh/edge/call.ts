import type { IncomingMessage, ServerResponse } from "node:http";
import { gunzipSync } from "node:zlib";
import { Code, ConnectError } from "@connectrpc/connect";
import { universalResponseToNodeResponse } from "@connectrpc/connect-node";
import {
  createAsyncIterable,
  readAllBytes,
  type UniversalHandler,
  type UniversalServerResponse,
} from "@connectrpc/connect/protocol";
import type { CallListener } from "../call-record.ts";
import type { Client } from "../client.ts";
import { reasonOf, retryLater } from "../errors.ts";
import { MAX_EDGE_CALLS, OVERLOAD_RETRY_MS } from "../limits.ts";
import type { Log } from "../log.ts";
import { fail } from "../reasons.ts";
import type { Telemetry } from "../telemetry.ts";
import type { Trace } from "../trace.ts";
import { arrivalOf } from "./arrival.ts";
import { isPlain, type PlainCall } from "./plain-call.ts";
import { answerError, answerStatus, refusal } from "./refusals.ts";
import { refusedCall } from "./refused-call.ts";
import { repaired } from "./repair.ts";

type From = { readonly client: Client; readonly trace: Trace };

/** Answers a call of a method; never rejects. What came before the interceptors it logs itself. */
export type Caller = (
  handler: UniversalHandler,
  request: IncomingMessage,
  response: ServerResponse,
  from: From,
) => Promise<void>;

type Options = {
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly calls?: CallListener | undefined;
};

/** Makes what answers calls, plain ones in a shorter way, with a bound on how many at a time (R3). */
export function caller(
  { log, telemetry, calls }: Options,
  plain: ReadonlyMap<string, PlainCall>,
): Caller {
  let running = 0;
  const run: typeof answer = async (handler, arrived, lost) => {
    const { requestPath } = handler;
    const short = isPlain(arrived[0], requestPath) ? plain.get(requestPath) : undefined;
    return short === undefined ? answer(handler, arrived, lost) : short(...arrived);
  };
  return async (handler, request, response, from) => {
    const start = performance.now();
    const method = handler.requestPath.slice(1);
    running += 1;
    response.once("close", () => {
      running -= 1;
      request.resume(); // what nobody has read would be in the way of the next request
    });
    response.setHeader("cache-control", "no-store");
    const lost = (reason: unknown) => {
      if (isAway(reason, response)) return;
      log.error({ err: reason, method }, "the edge failed");
      answerError(response, refusal("INTERNAL"));
    };
    try {
      const error =
        running > MAX_EDGE_CALLS
          ? answerError(response, overloaded())
          : await run(handler, [request, response, from], lost);
      if (error === undefined) return;
      telemetry.observe(method, error.code, (performance.now() - start) / 1000);
      const code = Code[error.code];
      const { ip } = from.client;
      log.info({ method, code, reason: reasonOf(error), ip }, "refused");
      const key = request.headers["idempotency-key"];
      calls?.(refusedCall({ method, error, ip, startMs: start, key }));
    } catch (reason) {
      lost(reason);
    }
  };
}

/** Returns the error of a call that failed before the interceptors, which count the others. */
async function answer(
  handler: UniversalHandler,
  [request, response, from]: [IncomingMessage, ServerResponse, From],
  lost: (reason: unknown) => void,
): Promise<ConnectError | undefined> {
  const arrived = arrivalOf(request, response, from);
  if (arrived === undefined) return answerError(response, refusal("BAD_URL"));
  const [universal, arrival] = arrived;
  const answered = await legible(await handler(universal));
  const { response: result, error } = await repaired(answered, arrival);
  if (result.body === undefined) {
    const { allowedMethods: verbs, method } = handler;
    const isStream = method.methodKind !== "unary";
    return answerStatus(response, result.status, { verbs, isStream });
  }
  // It may never settle, since it waits for an event that HTTP/1.1 does not have.
  universalResponseToNodeResponse(result, response).catch(lost);
  return arrival.reached ? undefined : error;
}

/** An error is never compressed, since it may have to be repaired, and is short as a rule. */
async function legible(response: UniversalServerResponse): Promise<UniversalServerResponse> {
  const { status, body } = response;
  const isPacked = status >= 400 && response.header?.get("content-encoding") === "gzip";
  if (!isPacked || body === undefined) return response;
  const header = new Headers(response.header);
  const bytes = gunzipSync(await readAllBytes(body, Infinity)); // no bound: it is our own
  header.delete("content-encoding");
  header.set("content-length", String(bytes.byteLength));
  return { ...response, header, body: createAsyncIterable([bytes]) };
}

function overloaded(): ConnectError {
  const retryMs = OVERLOAD_RETRY_MS;
  return retryLater(fail("OVERLOADED", { resource: "the edge", retry_ms: retryMs }), retryMs);
}

/** Whether nobody waits for the answer any more. */
function isAway(reason: unknown, response: ServerResponse): boolean {
  const { code } = ConnectError.from(reason);
  return response.destroyed || code === Code.Aborted || code === Code.Canceled;
}
