import type { Interceptor } from "@connectrpc/connect";
import { receiveTrace, traceKey, withTrace } from "../trace.ts";

/** Continues the trace that a call came with, for all that it causes; the edge has done it. */
export const trace: Interceptor = (next) => async (request) => {
  const { contextValues, header } = request;
  if (contextValues.get(traceKey) !== undefined) return next(request);
  const received = receiveTrace(header);
  contextValues.set(traceKey, received);
  return withTrace(received, () => next(request));
};
