import { Code } from "@connectrpc/connect";
import type { CallListener } from "../call-record.ts";
import type { Page } from "../edge.ts";
import { reasonOf } from "../errors.ts";
import type { Log } from "../log.ts";
import { fail } from "../reasons.ts";
import type { Telemetry } from "../telemetry.ts";
import { type Implemented, isOpen } from "./methods.ts";
import { answerError } from "./refusals.ts";
import { refusedCall } from "./refused-call.ts";

type Means = {
  readonly contract: readonly Implemented[];
  readonly log: Pick<Log, "info">;
  readonly telemetry: Pick<Telemetry, "observe">;
  readonly calls?: CallListener | undefined;
};

/**
 * Refuses calls from outside of the methods that are for services alone, whatever their headers
 * say, and tells of them (AC-3). Nothing that answers such a method is within reach here.
 */
export function closedMethods({ contract, log, telemetry, calls }: Means): Page {
  const closed = new Set(
    contract.flatMap(({ service }) =>
      service.methods
        .filter((method) => !isOpen(method))
        .map((method) => `/${service.typeName}/${method.name}`),
    ),
  );
  return (request, response, path, { client: { ip } }) => {
    if (!closed.has(path)) return false;
    const startMs = performance.now();
    const error = answerError(response, fail("NOT_ALLOWED", { caller: outsider }));
    const method = path.slice(1);
    const key = request.headers["idempotency-key"];
    calls?.(refusedCall({ method, error, ip, startMs, key }));
    telemetry.observe(method, error.code, (performance.now() - startMs) / 1000);
    log.info({ method, code: Code[error.code], reason: reasonOf(error), ip }, "refused");
    return true;
  };
}

const outsider = "A caller outside the mesh";
