import type { ConnectError } from "@connectrpc/connect";
import { findReply } from "#mesh/database/idempotency.ts";
import { transaction } from "#mesh/database/transaction.ts";
import { isDecision, reasonOf, retryLater } from "#mesh/errors.ts";
import { callKey, type IdempotentCall } from "#mesh/idempotent-call.ts";
import { derivedId, uuidOf } from "#mesh/ids.ts";
import { IDEMPOTENCY_KEPT_DAYS, OVERLOAD_RETRY_MS } from "#mesh/limits.ts";
import { fail as refuse } from "#mesh/reasons.ts";
import type { Call, Core } from "../context.ts";
import type { CreditChange } from "../domain/credit-change.ts";
import { toMoney } from "../domain/credit-money.ts";
import { mayChange } from "../domain/credit-rules.ts";
import type { Merchant } from "../domain/merchant.ts";
import { fail } from "../errors.ts";
import * as store from "../store/credit-changes.ts";
import { lockMerchant } from "../store/merchants.ts";
import type { Queries } from "../store/tables.ts";
import { finishChange, finishOpenChange } from "./finish-credit-changes.ts";

/** A limit that an administrator wants a merchant to have, and why, or what it has paid back. */
export type WantedChange = Pick<
  CreditChange,
  "merchantId" | "kind" | "limitMinor" | "remark" | "bank"
>;

/**
 * Sets the limit of a merchant, or records what it has paid back, once per key: what is to be done is
 * committed, then the ledger does it, then the merchant is told, so that a crash between any two steps
 * leaves something to go on with. Returns how it was refused, to be kept under the key:
 * MERCHANT_NOT_FOUND, MERCHANT_STATE_DIFFERS, REASON_REQUIRED, APPROVAL_REQUIRED until a second
 * administrator makes the same call (S10), CREDIT_IN_USE, REPAYMENT_EXCEEDED. A call that was answered
 * before does nothing.
 */
export async function changeCredit(
  core: Core,
  wanted: WantedChange,
  call: Call,
): Promise<ConnectError | undefined> {
  const key = call.values.get(callKey);
  if (key === undefined || (await findReply(core.db.sql, key)) !== undefined) return undefined;
  try {
    await finishOpenChange(core, wanted.merchantId, call);
    const asked = changeOf(wanted, key, core.fourEyesMinor);
    const change = await transaction(core.db, async (tx) => agree(tx, asked));
    if (change.state === "ASKED") throw approvalRequired(change);
    await finishChange(core, change, call);
    return undefined;
  } catch (error) {
    if (!isDecision(error) || reasonOf(error) === "IDEMPOTENCY_KEY_REUSED") throw error;
    return error;
  }
}

/** The change that a call asks for; its id follows from the key. */
function changeOf(
  wanted: WantedChange,
  { principal, method, key }: IdempotentCall,
  fourEyesMinor: bigint,
): CreditChange {
  return {
    ...wanted,
    id: uuidOf(derivedId(`credit/${principal}/${method}/${key}`)),
    requestKey: key,
    requestedBy: principal,
    approvedBy: undefined,
    state: wanted.limitMinor > fourEyesMinor ? "ASKED" : "AGREED",
    refusal: undefined,
  };
}

/** Commits what is to be done, or what has to be confirmed; returns the change as it stands then. */
async function agree(tx: Queries, asked: CreditChange): Promise<CreditChange> {
  const { id, merchantId, requestedBy: by } = asked;
  const merchant = await lockMerchant(tx, merchantId);
  if (merchant === undefined) throw fail("MERCHANT_NOT_FOUND", { merchant_id: merchantId });
  const own = await store.findChange(tx, id);
  if (own !== undefined) return same(own, asked);
  const theirs = await store.findAsked(tx, { ...asked, by }, IDEMPOTENCY_KEPT_DAYS);
  if (theirs !== undefined && theirs.state !== "ASKED") return theirs; // confirmed by this caller
  await check(tx, merchant, asked);
  if (theirs !== undefined) {
    await store.agreeToChange(tx, theirs.id, by);
    return { ...theirs, state: "AGREED", approvedBy: by };
  }
  if (asked.state === "ASKED" && asked.remark.trim() === "") throw fail("REASON_REQUIRED");
  await store.insertChange(tx, asked);
  return asked;
}

/** A crash may have left the change of a key without its answer; the key is for this change alone. */
function same(own: CreditChange, asked: CreditChange): CreditChange {
  const fields = ["merchantId", "kind", "limitMinor", "remark", "bank"] as const;
  if (fields.every((field) => own[field] === asked[field])) return own;
  throw refuse("IDEMPOTENCY_KEY_REUSED", { key: asked.requestKey });
}

async function check(tx: Queries, { id, state }: Merchant, { kind }: CreditChange): Promise<void> {
  if (!mayChange(kind, state)) {
    throw fail("MERCHANT_STATE_DIFFERS", { merchant_id: id, state });
  }
  await checkNoOpenChange(tx, id);
}

/** Throws OVERLOADED while another change of the merchant is under way. */
export async function checkNoOpenChange(tx: Queries, merchantId: string): Promise<void> {
  if ((await store.findOpenChange(tx, merchantId)) === undefined) return;
  const values = { resource: `The merchant ${merchantId}`, retry_ms: OVERLOAD_RETRY_MS };
  throw retryLater(refuse("OVERLOADED", values), OVERLOAD_RETRY_MS);
}

function approvalRequired({ limitMinor, requestKey }: CreditChange): ConnectError {
  const { amount, asset } = toMoney(limitMinor);
  return fail("APPROVAL_REQUIRED", { limit: amount, asset, request_id: requestKey });
}
