import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { createContextKey } from "@connectrpc/connect";

/** Names one call among all that one action of a person caused (W3C Trace Context). */
export type Trace = {
  /** 32 hex digits, the same in every service that the action reaches. */
  readonly traceId: string;
  /** 16 hex digits, new in every service. */
  readonly spanId: string;
  readonly sampled: boolean;
  /** The caller's own name for the action, else the trace id. Errors and logs show it (S14). */
  readonly correlationId: string;
};

/** The header that carries a correlation id, both ways. */
export const CORRELATION_HEADER = "x-correlation-id";

/** The trace of a call, for its handler and its interceptors. */
export const traceKey = createContextKey<Trace | undefined>(undefined, {
  description: "the trace of the call",
});

/** Continues the trace that a call came with, or starts one; headers it can't read are ignored. */
export function receiveTrace(headers: Pick<Headers, "get">): Trace {
  const parent = fromTraceparent(headers.get("traceparent"));
  const traceId = parent?.traceId ?? randomHex();
  const given = headers.get(CORRELATION_HEADER);
  return {
    traceId,
    spanId: randomHex().slice(16),
    sampled: parent?.sampled ?? true,
    correlationId: given !== null && correlation.test(given) ? given : traceId,
  };
}

/** Writes a trace to the headers of a call or an event that goes out. */
export function passTrace(trace: Trace, headers: Headers): void {
  headers.set("traceparent", toTraceparent(trace));
  headers.set(CORRELATION_HEADER, trace.correlationId);
}

/** Shows a trace as the header `traceparent`. */
export function toTraceparent({ traceId, spanId, sampled }: Trace): string {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}

/** Reads the header `traceparent`; undefined when there is none, or none that is valid. */
export function fromTraceparent(
  text: string | null,
): Pick<Trace, "traceId" | "spanId" | "sampled"> | undefined {
  const [, version, traceId, spanId, flags, more] = traceparent.exec(text ?? "") ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (version === "ff" || (version === "00" && more !== undefined)) return undefined;
  if (zeros.test(traceId) || zeros.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** Does work whose log lines show a trace. */
export function withTrace<T>(trace: Trace, work: () => T): T {
  return traces.run(trace, work);
}

/** The trace of the work that is being done, if there is one. */
export function currentTrace(): Trace | undefined {
  return traces.getStore();
}

const traces = new AsyncLocalStorage<Trace>();
const traceparent = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.{0,200})?$/;
const zeros = /^0+$/;
/** What may be echoed in a header and a log line. */
const correlation = /^[\w.:-]{1,128}$/;

function randomHex(): string {
  return randomUUID().replaceAll("-", "");
}
