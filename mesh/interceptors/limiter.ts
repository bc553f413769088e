import { RateClass } from "#gen/mizan/access/v1/access_pb.ts";
import type { Interceptor } from "@connectrpc/connect";
import type { Admission } from "../admission/admission.ts";
import { isDecision } from "../errors.ts";
import { methodName } from "../method-name.ts";
import { restKey } from "../rest.ts";
import { ruleOf } from "../rule.ts";
import { classNames } from "./class-names.ts";

/**
 * Runs as many calls at a time as the process can bear, by the class of their method; the others
 * wait a moment or are refused with OVERLOADED and a time to wait. Streams take no place, and a call
 * that says that it only waits from then on gives its place back.
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
    let isHere = true;
    const leave = (reason?: unknown) => {
      if (!isHere) return;
      isHere = false;
      // A refusal is quick whatever the load is, so that it tells nothing about it.
      const tookMs = isDecision(reason) ? undefined : performance.now() - start;
      admission.leave(kind, { method: methodName(method), tookMs, noticeableMs });
    };
    request.contextValues.set(restKey, () => leave());
    try {
      const response = await next(request);
      leave();
      return response;
    } catch (reason) {
      leave(reason);
      throw reason;
    }
  };
}

/** What is less than this, or than a hundredth of the time that a call has, tells of no overload. */
const LEAST_NOTICEABLE_MS = 25;
