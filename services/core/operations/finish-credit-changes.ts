import type { CallOptions } from "@connectrpc/connect";
import { transaction } from "#mesh/database/transaction.ts";
import { callOptions } from "#mesh/grpc/clients.ts";
import { derivedId, uuidOf } from "#mesh/ids.ts";
import { CREDIT_CHANGE_PATIENCE_S, MAX_FINISHED_CREDIT_CHANGES } from "#mesh/limits.ts";
import type { Call, Core } from "../context.ts";
import type { CreditChange } from "../domain/credit-change.ts";
import { toMoney } from "../domain/credit-money.ts";
import { tell } from "../events.ts";
import { endChange, findOpenChange, listOpenChanges } from "../store/credit-changes.ts";
import { lockMerchant, updateMerchant } from "../store/merchants.ts";
import type { Queries } from "../store/tables.ts";
import { ledgerRefusal, toError } from "./ledger-refusal.ts";

/**
 * Finishes the changes of credit that a crash or a silent ledger left half done, a batch of the
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
  if (errors.length > 0) throw new AggregateError(errors, `${errors.length} changes are not made`);
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
 * again after any failure, by anybody. Throws CREDIT_IN_USE, REPAYMENT_EXCEEDED and whatever else the
 * ledger refuses it with, which ends the change too.
 */
export async function finishChange(core: Core, change: CreditChange, call?: Call): Promise<void> {
  if (change.refusal !== undefined) throw toError(change.refusal);
  if (change.state === "DONE") return;
  try {
    await tellLedger(core, change, call && callOptions(call));
  } catch (error) {
    const refusal = ledgerRefusal(error);
    if (refusal === undefined) throw error;
    await endChange(core.db.sql, change.id, refusal);
    throw toError(refusal);
  }
  await transaction(core.db, async (tx) => note(tx, change));
}

/** Has the ledger make a change, which it knows by its id, so that it makes it once (FLOW-13). */
async function tellLedger(
  { credit }: Core,
  { id: requestId, merchantId, kind, limitMinor, bank, remark: reference }: CreditChange,
  options: CallOptions | undefined,
): Promise<void> {
  const amount = toMoney(limitMinor);
  if (kind === "REPAY") {
    await credit.recordRepayment({ requestId, merchantId, amount, bank, reference }, options);
  } else {
    await credit.grantCredit({ requestId, merchantId, creditLimit: amount }, options);
  }
}

/** Shows the merchant a change that the ledger has made, once. */
async function note(tx: Queries, change: CreditChange): Promise<void> {
  const { id, merchantId, kind, limitMinor: creditLimitMinor } = change;
  await lockMerchant(tx, merchantId);
  if (!(await endChange(tx, id))) return;
  await tell(tx, [notificationOf(change)]);
  if (kind === "REPAY") return;
  const decidedBy = change.approvedBy ?? change.requestedBy;
  const approval = { state: "ACTIVE", reason: "" } as const;
  const approved = kind === "APPROVE" ? approval : {};
  await updateMerchant(tx, merchantId, { ...approved, creditLimitMinor, decidedBy });
}

function notificationOf({ id, merchantId: personId, kind, limitMinor }: CreditChange) {
  const told = { id: uuidOf(derivedId(`notification/credit/${id}`)), personId };
  return { ...told, type: types[kind], values: toMoney(limitMinor), createdAtMs: Date.now() };
}

/** What the merchant is told. */
const types = {
  APPROVE: "MERCHANT_APPROVED",
  SET_LIMIT: "CREDIT_LIMIT_CHANGED",
  REPAY: "REPAYMENT_RECORDED",
} as const;
