import type { IncomingMessage, ServerResponse } from "node:http";
import { Code, ConnectError, createServiceImplSpec, type Interceptor } from "@connectrpc/connect";
import type { CallListener } from "./call-record.ts";
import { visitContext } from "./compat/context.ts";
import { fromJsonBody, fromQuery, isJson } from "./compat/input.ts";
import { answerRefusal, type Plain } from "./compat/refused.ts";
import { type CompatRow, statusOf } from "./compat/row.ts";
import { type RunRow, rowRunner, type Visit } from "./compat/run-row.ts";
import type { From, Page } from "./edge.ts";
import type { Implemented } from "./edge/methods.ts";
import { readBytes } from "./edge/read-body.ts";
import { refusal } from "./edge/refusals.ts";
import { refusedCall } from "./edge/refused-call.ts";
import { reasonOf, retryLater } from "./errors.ts";
import { isFor } from "./interceptors/access.ts";
import * as limits from "./limits.ts";
import type { Log } from "./log.ts";
import { methodName } from "./method-name.ts";
import type { Person } from "./person.ts";
import { fail } from "./reasons.ts";
import { ruleOf } from "./rule.ts";
import type { Telemetry } from "./telemetry.ts";
import { withTrace } from "./trace.ts";

/** What plain paths are served with: the same as the methods that they stand for. */
export type CompatOptions = {
  readonly rows: readonly CompatRow[];
  readonly contract: readonly Implemented[];
  readonly interceptors: readonly Interceptor[];
  /** Who brings a header authorization; undefined for nobody whom we know. */
  readonly personOf: (authorization: string | undefined) => Promise<Person | undefined>;
  readonly log: Pick<Log, "info" | "error">;
  readonly telemetry: Pick<Telemetry, "observe">;
  /** Is told of calls that are refused before the interceptors see them. */
  readonly calls?: CallListener | undefined;
};

/**
 * Serves the literal paths that clients of replaced systems know, with their shapes and statuses. A
 * request runs through the interceptors of the method that the path stands for. Of rows with the
 * same path and verb the first counts whose method is for the caller, else the first of them.
 */
export function compatPage(options: CompatOptions): Page {
  const entries = options.rows.map((row) => ({ row, run: runnerOf(row, options) }));
  const paths = Map.groupBy(entries, ({ row }) => row.path);
  let running = 0;
  return (request, response, path, from) => {
    const found = paths.get(path.replace(/(?<=.)\/$/, ""));
    if (found === undefined) return false;
    running += 1;
    response.once("close", () => (running -= 1));
    response.setHeader("cache-control", "no-store");
    const isFull = running > limits.MAX_EDGE_CALLS;
    void withTrace(from.trace, async () =>
      answer(found, { request, response, from, isFull }, options),
    );
    return true;
  };
}

type Entry = { readonly row: CompatRow; readonly run: RunRow };

type Arrived = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly from: From;
  /** Whether too much is under way already (R3). */
  readonly isFull: boolean;
};

function runnerOf(row: CompatRow, { contract, interceptors }: CompatOptions): RunRow {
  const { parent, localName } = row.method;
  const bound = contract.find(({ service }) => service.typeName === parent.typeName);
  const methods = bound && createServiceImplSpec(bound.service, bound.implementation).methods;
  const spec = methods?.[localName];
  if (spec?.kind !== "unary") throw new Error(`${row.path} is for a method that is not served`);
  return rowRunner(row, spec.impl, interceptors);
}

/** Answers a request, and logs what came before the interceptors, which log the others. */
async function answer(
  entries: readonly Entry[],
  arrived: Arrived,
  options: CompatOptions,
): Promise<void> {
  const { request, response, from } = arrived;
  const start = performance.now();
  let [entry, isInside] = [entries[0]!, false];
  const visit: Visit = { input: () => new Map() };
  try {
    entry = await chosen(entries, arrived, options);
    visit.input = await received(entry.row, request);
    isInside = true;
    const context = visitContext(entry.row, arrived);
    const body = await entry.run(context, visit);
    send(response, { status: statusOf(entry.row, body), body }, context.responseHeader);
  } catch (reason) {
    const error = reason instanceof ConnectError ? reason : refusal("INTERNAL");
    const { method, errors } = entry.row;
    const plain = answerRefusal(error, errors, visit.problems);
    send(response, plain, error.metadata);
    if (isInside) return;
    const [name, code] = [methodName(method), Code[error.code]];
    options.telemetry.observe(name, error.code, (performance.now() - start) / 1000);
    const { ip } = from.client;
    const key = request.headers["idempotency-key"];
    options.calls?.(refusedCall({ method: name, error, ip, startMs: start, key }));
    const fields = { method: name, code, reason: reasonOf(error), ip };
    if (error === reason) options.log.info(fields, "refused");
    else options.log.error({ ...fields, err: reason }, "a plain path failed");
  }
}

/** The row for a request. Throws OVERLOADED, or that the verb is not one of the path. */
async function chosen(
  entries: readonly Entry[],
  { request, response, isFull }: Arrived,
  { personOf }: CompatOptions,
): Promise<Entry> {
  const retryMs = limits.OVERLOAD_RETRY_MS;
  const full = fail("OVERLOADED", { resource: "the edge", retry_ms: retryMs });
  if (isFull) throw retryLater(full, retryMs);
  const { method: verb = "" } = request;
  const [first, ...others] = entries.filter(({ row }) => row.verb === verb);
  if (first === undefined) {
    const allowed = [...new Set(entries.map(({ row }) => row.verb))].join(", ");
    response.setHeader("allow", allowed);
    throw refusal("VERB_NOT_ALLOWED", { verb, allowed });
  }
  if (others.length === 0) return first;
  const person = await personOf(request.headers.authorization);
  const fits = ({ row }: Entry) => {
    const rule = ruleOf(row.method);
    return rule !== undefined && person !== undefined && isFor(rule, person);
  };
  return [first, ...others].find(fits) ?? first;
}

/** What reads the fields later, once the caller is let in. Throws when there is nothing to read. */
async function received({ verb }: CompatRow, request: IncomingMessage): Promise<Visit["input"]> {
  if (verb === "GET") return () => fromQuery(request);
  if (!isJson(request)) throw refusal("JSON_NEEDED");
  const bounds = { maxBytes: limits.MAX_COMPAT_BYTES, timeoutMs: limits.HTTP_REQUEST_MS };
  const body = await readBytes(request, bounds);
  return () => fromJsonBody(body);
}

function send(response: ServerResponse, { status, body }: Plain, headers: Headers): void {
  if (response.headersSent || response.destroyed) return;
  const bytes = Buffer.from(JSON.stringify(body));
  headers.forEach((value, name) => response.setHeader(name, value));
  if (status === 401) response.setHeader("www-authenticate", "Bearer");
  if (status === 408) response.setHeader("connection", "close");
  const type = "application/json";
  response.writeHead(status, { "content-type": type, "content-length": bytes.byteLength });
  response.end(bytes);
}
