import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { methodName } from "../method-name.ts";
import type { Telemetry } from "../telemetry.ts";
import { whenOver } from "./when-over.ts";

/** Counts and times every call, by method and code. */
export function countCalls({ begin }: Pick<Telemetry, "begin">): Interceptor {
  return (next) => (request) => {
    const end = begin(methodName(request.method));
    return whenOver(next, request, (failure) => {
      end(failure && codeOf(failure.reason));
      return failure?.reason;
    });
  };
}

function codeOf(reason: unknown): Code {
  return reason instanceof ConnectError ? reason.code : Code.Internal;
}
