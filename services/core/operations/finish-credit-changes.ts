import { transaction } from "#mesh/database/transaction.ts";
import { callOptions } from "#mesh/grpc/clients.ts";
import { derivedId, uuidOf } from "#mesh/ids.ts";
import { CREDIT_CHANGE_PATIENCE_S, MAX_FINISHED_CREDIT_CHANGES } from "#mesh/limits.ts";
import type { Call, Core } from "../context.ts";
import type { CreditChange } from "../domain/credit-change.ts";
import { toMoney } from "../domain/credit-money.ts";
import type { Merchant } from "../domain/merchant.ts";
import { endChange, findOpenChange, listOpenChanges } from "../store/credit-changes.ts";
import { lockMerchant, updateMerchant } from "../store/merchants.ts";
import { insertNotifications } from "../store/notifications.ts";
import type { Queries } from "../store/tables.ts";
import { ledgerRefusal, toError } from "./ledger-refusal.ts";

/**
 * Finishes the changes of limits that a crash or a silent ledger left half done, a batch of the
 * oldest; tells how many there were. Throws for those that failed, after it tried the rest.
 */
export async function finishCreditChanges(
  core: Core,
  patienceS = CREDIT_CHANGE_PATIENCE_S,
): Promise<number> {
  const limit = MAX_FINISHED_CREDIT_CHANGES;
  const changes = await listOpenChanges(core.db.sql, { patienceS, limit });
  const errors: unknown[] = [];
  for (const change of changes) {
    await finishChange(core, change).catch((error: unknown) => {
      if (ledgerRefusal(error) === undefined) errors.push(error);
    });
  }
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} limits are not set`);
  return changes.length;
}

/** Finishes the change of a merchant that is open, if there is one, whatever the ledger says to it. */
export async function finishOpenChange(core: Core, merchantId: string, call: Call): Promise<void> {
  const open = await findOpenChange(core.db.sql, merchantId);
  if (open === undefined) return;
  await finishChange(core, open, call).catch((error: unknown) => {
    if (ledgerRefusal(error) === undefined) throw error;
  });
}

/**
 * Has the ledger make a change that administrators have agreed to, and notes it; it may be done
 * again after any failure, by anybody. Throws CREDIT_IN_USE and whatever else the ledger refuses it
 * with, which ends the change too.
 */
export async function finishChange(core: Core, change: CreditChange, call?: Call): Promise<void> {
  if (change.refusal !== undefined) throw toError(change.refusal);
  if (change.state === "DONE") return;
  const { id: requestId, merchantId } = change;
  const grant = { requestId, merchantId, creditLimit: toMoney(change.limitMinor) };
  try {
    await core.credit.grantCredit(grant, call && callOptions(call));
  } catch (error) {
    const refusal = ledgerRefusal(error);
    if (refusal === undefined) throw error;
    await endChange(core.db.sql, requestId, refusal);
    throw toError(refusal);
  }
  await transaction(core.db, async (tx) => note(tx, change));
}

/** Shows the merchant a change that the ledger has made, once. */
async function note(tx: Queries, change: CreditChange): Promise<void> {
  const { id, merchantId, kind, limitMinor: creditLimitMinor } = change;
  await lockMerchant(tx, merchantId);
  if (!(await endChange(tx, id))) return;
  const decidedBy = change.approvedBy ?? change.requestedBy;
  const approval = { state: "ACTIVE", reason: "" } as const;
  const approved = kind === "APPROVE" ? approval : {};
  const merchant = await updateMerchant(tx, merchantId, {
    ...approved,
    creditLimitMinor,
    decidedBy,
  });
  await insertNotifications(tx, [notificationOf(change, merchant!)]);
}

function notificationOf({ id, kind, limitMinor }: CreditChange, merchant: Merchant) {
  return {
    id: uuidOf(derivedId(`notification/credit/${id}`)),
    personId: merchant.id,
    type: kind === "APPROVE" ? "MERCHANT_APPROVED" : "CREDIT_LIMIT_CHANGED",
    values: toMoney(limitMinor),
    createdAtMs: merchant.updatedAtMs,
  } as const;
}
