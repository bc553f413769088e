import { AccountFlag, AccountStatus } from "#gen/mizan/billing/v1/account_pb.ts";
import { MAX_OPENED_AT_ONCE, OPENING_PATIENCE_S } from "#mesh/limits.ts";
import { bytesOf, derivedId, hexOf } from "#mesh/ids.ts";
import type { Call, Core } from "../context.ts";
import type { User } from "../domain/user.ts";
import { findOpening, markActive } from "../store/openings.ts";

/**
 * Opens the first account of a user on the ledger, so that billing knows the owner (ACC-9). It may
 * be done again after any failure: the id of the account follows from the user's (ACC-6).
 */
export async function openFirstAccount(
  core: Core,
  { id, state }: Pick<User, "id" | "state">,
  call: Partial<Call> = {},
): Promise<void> {
  if (state !== "OPENING") return;
  await openAccount(core, id, call);
  await markActive(core.db.sql, [id]);
}

/**
 * Finishes registrations that a crash or a silent ledger left half done, a batch of the oldest;
 * tells how many there were. Throws for those that the ledger refuses, after it finished the rest.
 */
export async function openAccounts(core: Core, patienceS = OPENING_PATIENCE_S): Promise<number> {
  const ids = await findOpening(core.db.sql, { patienceS, limit: MAX_OPENED_AT_ONCE });
  const results = await Promise.allSettled(ids.map(async (id) => openAccount(core, id, {})));
  const open = ids.filter((_, at) => results[at]!.status === "fulfilled");
  if (open.length > 0) await markActive(core.db.sql, open);
  const errors = results.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} accounts are not open`);
  return ids.length;
}

async function openAccount(core: Core, userId: string, call: Partial<Call>): Promise<void> {
  const account = {
    id: bytesOf(derivedId(`account/user/${userId}/available/${FIRST_ASSET}`)),
    asset: FIRST_ASSET,
    code: USER_AVAILABLE,
    flags: AccountFlag.DEBITS_MUST_NOT_EXCEED_CREDITS,
    userData: bytesOf(hexOf(userId)),
  };
  const { status } = await core.openAccount(account, call);
  if (status === AccountStatus.CREATED || status === AccountStatus.EXISTS) return;
  throw new Error(`the ledger refused the account of a new user with status ${status}`);
}

/** The asset that every user can hold from the start. */
const FIRST_ASSET = "IRR";

/** The kind of the account, a number of the ledger's chart: spendable money of a user. */
const USER_AVAILABLE = 100;
