import type { ContextValues } from "@connectrpc/connect";
import { callerKey, principalOf } from "#mesh/access.ts";
import { fail } from "#mesh/reasons.ts";

/** The service that calls, which may touch what its own flows need (HOLD-2); throws NOT_ALLOWED. */
export function serviceOf(values: ContextValues): string {
  const caller = values.get(callerKey);
  if (caller?.kind === "service") return caller.name;
  throw fail("NOT_ALLOWED", { caller: principalOf(caller) });
}
