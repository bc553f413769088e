import type { Interceptor } from "@connectrpc/connect";
import { whenOver } from "./when-over.ts";

/**
 * Ends streams, which have no end of their own, when a drain begins: their handlers see the reason
 * of the signal. Unary calls take the time that they need.
 */
export function endStreams(draining: AbortSignal): Interceptor {
  return (next) => async (request) => {
    if (!request.stream) return next(request);
    const controller = new AbortController();
    const signals = [request.signal, draining];
    const end = () => controller.abort(signals.find(({ aborted }) => aborted)?.reason);
    for (const signal of signals) signal.addEventListener("abort", end, { once: true });
    if (signals.some(({ aborted }) => aborted)) end();
    return whenOver(next, { ...request, signal: controller.signal }, (failure) => {
      for (const signal of signals) signal.removeEventListener("abort", end);
      return failure?.reason;
    });
  };
}
