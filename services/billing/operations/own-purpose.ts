import { fail as refuse } from "#mesh/reasons.ts";
import type { Field, Fields, Flow, Purpose } from "../domain/hold.ts";
import { flows } from "../domain/purposes.ts";
import { fail } from "../errors.ts";

/** A hold whose purpose may be left to the caller's only one. */
export type Purposed = { readonly holdId: string; readonly purpose?: Purpose };

/** Names a purpose, with its money flow. */
export type OwnPurpose = { readonly purpose: Purpose; readonly flow: Flow };

/** Lists what a service may hold money for (HOLD-2); throws NOT_ALLOWED when that is nothing. */
export function ownPurposes(service: string): readonly OwnPurpose[] {
  const own = all.filter(({ flow }) => flow.service === service);
  if (own.length === 0) throw refuse("NOT_ALLOWED", { caller: service });
  return own;
}

/**
 * Finds out what a hold of a service is for. Throws NOT_YOUR_PURPOSE, and PURPOSE_REQUIRED where it
 * is left out and the service has several.
 */
export function purposeOf(
  { holdId, purpose }: Purposed,
  { service, own }: { readonly service: string; readonly own: readonly OwnPurpose[] },
): OwnPurpose {
  const only = own.length === 1 ? own[0] : undefined;
  const found = purpose === undefined ? only : own.find((one) => one.purpose === purpose);
  if (found !== undefined) return found;
  if (purpose === undefined) throw fail("PURPOSE_REQUIRED", { hold_id: holdId });
  throw fail("NOT_YOUR_PURPOSE", { caller: service, purpose, hold_id: holdId });
}

const all = Object.entries(flows).map(([name, flow]) => ({ purpose: name as Purpose, flow }));

/** Throws HOLD_FIELD_NOT_ACCEPTED and HOLD_FIELD_REQUIRED for what a call says or leaves out. */
export function checkFields(
  fields: Fields,
  given: Readonly<Partial<Record<Field, boolean>>>,
  values: { readonly hold_id: string; readonly purpose: Purpose },
): void {
  for (const [field, isGiven] of Object.entries(given)) {
    const rule = fields[field as Field];
    if (isGiven && rule === undefined) throw fail("HOLD_FIELD_NOT_ACCEPTED", { ...values, field });
    if (!isGiven && rule === "required") throw fail("HOLD_FIELD_REQUIRED", { ...values, field });
  }
}
