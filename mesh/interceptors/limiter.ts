import { RateClass } from "#gen/mizan/access/v1/access_pb.ts";
import type { Interceptor } from "@connectrpc/connect";
import type { Admission } from "../admission/admission.ts";
import { isDecision } from "../errors.ts";
import { methodName } from "../method-name.ts";
import { ruleOf } from "../rule.ts";
import { classNames } from "./class-names.ts";

/**
 * Runs as many calls at a time as the process can bear, by the class of their method; the others
 * wait a moment or are refused with OVERLOADED and a time to wait. Streams take no place.
 */
export function limitConcurrency(admission: Admission): Interceptor {
  const kinds = new Map<RateClass, (typeof classNames)[number][1]>(classNames);
  return (next) => async (request) => {
    if (request.stream) return next(request);
    const { method } = request;
    const rule = ruleOf(method);
    const noticeableMs = Math.max(LEAST_NOTICEABLE_MS, (rule?.defaultTimeoutMs ?? 0) / 100);
    const kind = kinds.get(rule?.rateClass ?? RateClass.BULK) ?? "BULK";
    const place = admission.enter(kind, request.signal);
    if (place !== undefined) await place;
    const start = performance.now();
    let tookMs: number | undefined = 0;
    try {
      const response = await next(request);
      tookMs = performance.now() - start;
      return response;
    } catch (reason) {
      // A refusal is quick whatever the load is, so that it tells nothing about it.
      tookMs = isDecision(reason) ? undefined : performance.now() - start;
      throw reason;
    } finally {
      admission.leave(kind, { method: methodName(method), tookMs, noticeableMs });
    }
  };
}

/** What is less than this, or than a hundredth of the time that a call has, tells of no overload. */
const LEAST_NOTICEABLE_MS = 25;
