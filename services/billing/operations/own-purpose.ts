import { fail } from "#mesh/reasons.ts";
import { type Purpose, purposes } from "../domain/hold.ts";

/** The purpose of a service's holds; throws NOT_ALLOWED for a service that has none (HOLD-2). */
export function ownPurpose(service: string): Purpose {
  const purpose = Object.values(purposes).find((own) => own.service === service);
  if (purpose === undefined) throw fail("NOT_ALLOWED", { caller: service });
  return purpose;
}
