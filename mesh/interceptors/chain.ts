import type { Interceptor } from "@connectrpc/connect";
import type { Admission } from "../admission/admission.ts";
import type { Telemetry } from "../telemetry.ts";
import type { CallListener } from "../call-record.ts";
import { access, type Gate } from "./access.ts";
import { deadline } from "./deadline.ts";
import { errors } from "./errors.ts";
import { idempotency } from "./idempotency.ts";
import { limitConcurrency } from "./limiter.ts";
import { type CallLog, logCalls } from "./log.ts";
import { limitRates, type Rates } from "./rate.ts";
import { countCalls } from "./telemetry.ts";
import { trace } from "./trace.ts";
import { validate } from "./validation.ts";

/** What the interceptors of a service work with. */
export type ChainOptions = {
  readonly gate: Gate;
  readonly log: CallLog;
  /** Is told of every call, whatever became of it. */
  readonly calls?: CallListener | undefined;
  readonly telemetry: Pick<Telemetry, "begin">;
  readonly admission: Admission;
  /** Other rates for callers outside than the usual ones. */
  readonly rates?: Rates;
};

/** The interceptors of every server, on both wires, the outermost first (RULES 4.3). */
export function serverChain(options: ChainOptions): readonly Interceptor[] {
  return [
    trace,
    errors,
    logCalls(options.log, options.calls),
    countCalls(options.telemetry),
    deadline,
    access(options.gate),
    limitRates(options.rates),
    limitConcurrency(options.admission),
    validate,
    idempotency,
  ];
}
