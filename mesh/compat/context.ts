import type { IncomingMessage, ServerResponse } from "node:http";
import { Code, ConnectError, createContextValues, type HandlerContext } from "@connectrpc/connect";
import { clientKey } from "../client.ts";
import { timeLeftMs } from "../deadline.ts";
import type { From } from "../edge.ts";
import { traceKey } from "../trace.ts";
import type { CompatRow } from "./row.ts";

type Arrived = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly from: From;
};

/** Shows a request of a plain path as the handler of its method sees calls. */
export function visitContext(
  { method, path }: CompatRow,
  { request, response, from }: Arrived,
): HandlerContext {
  const values = createContextValues().set(clientKey, from.client).set(traceKey, from.trace);
  const controller = new AbortController();
  response.once("close", () => {
    controller.abort(new ConnectError("the caller has left", Code.Canceled));
  });
  return {
    service: method.parent,
    method,
    protocolName: "connect",
    requestMethod: request.method ?? "",
    url: path,
    requestHeader: headersOf(request),
    responseHeader: new Headers(),
    responseTrailer: new Headers(),
    signal: controller.signal,
    timeoutMs: () => timeLeftMs(values),
    values,
  };
}

function headersOf({ headers }: IncomingMessage): Headers {
  const copied = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const one of [value ?? []].flat()) copied.append(name, one);
  }
  return copied;
}
