import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { derivedId, ZERO_ID } from "#mesh/ids.ts";
import { fromMinor } from "#mesh/money.ts";
import type { Billing } from "../context.ts";
import type { Id, NewAccount } from "../domain/account.ts";
import { CREDIT_ASSET, creditIssuerAccount, TransferCodes } from "../domain/chart.ts";
import type { Credit } from "../domain/credit.ts";
import type { NewTransfer } from "../domain/transfer.ts";
import { fail } from "../errors.ts";
import { once } from "../writer/once.ts";
import type { Turn } from "../writer/work.ts";
import { amountByHand } from "./amount-by-hand.ts";
import { creditAccounts, readCredit } from "./get-credit.ts";
import { houseAsset } from "./house-asset.ts";
import type { Answer } from "./move-by-hand.ts";

/** The limit that a merchant is to have. */
export type Grant = {
  readonly merchantId: string;
  readonly asset: string;
  /** The new limit, in major units. */
  readonly limit: string;
};

/**
 * Sets the limit of a merchant, once a key: the difference to the limit of that moment is posted
 * (FLOW-6, FLOW-7). The first grant opens the merchant's accounts. Throws UNKNOWN_ASSET,
 * INVALID_AMOUNT, AMOUNT_TOO_LARGE, and CREDIT_IN_USE for less than what is utilized and held.
 */
export async function grantCredit<S extends DescMessage>(
  { writer, assets }: Billing,
  { merchantId, asset: code, limit }: Grant,
  { call, schema, toMessage, ...bounds }: Answer<S, Credit>,
): Promise<MessageShape<S>> {
  const asset = houseAsset(assets, code);
  const plan: Plan = {
    changeId: derivedId(`grant/${call.principal}/${call.method}/${call.key}`),
    issuer: creditIssuerAccount(assets.byCode(CREDIT_ASSET)!),
    accounts: creditAccounts(merchantId, assets),
    limitMinor: amountByHand(limit, asset),
  };
  const ids = [{ id: transferId(plan), pendingId: ZERO_ID }];
  const effect = (turn: Turn) => {
    setLimit(turn, plan, (minor) => fromMinor(minor, asset.scale));
    return toMessage(readCredit(turn.ledger, plan.accounts)!);
  };
  return writer.submit({ ...bounds, eventCount: 1, ids, ...once(schema, call, effect) });
}

type Plan = {
  readonly changeId: Id;
  readonly issuer: NewAccount;
  readonly accounts: ReturnType<typeof creditAccounts>;
  readonly limitMinor: bigint;
};

function setLimit(
  { ledger, atUs }: Turn,
  plan: Plan,
  toText: (amountMinor: bigint) => string,
): void {
  const { accounts, limitMinor } = plan;
  ledger.createAccounts([accounts.unused, accounts.used], atUs);
  const made = ledger.transfer(transferId(plan));
  const { unused } = accounts;
  const isMine = [made?.debitSlot, made?.creditSlot].includes(ledger.account(unused.id)!.slot);
  if (made !== undefined && isMine) return; // longer ago than keys are kept
  const credit = readCredit(ledger, accounts)!;
  const inUseMinor = credit.utilizedMinor + credit.heldMinor;
  if (limitMinor < inUseMinor) {
    throw fail("CREDIT_IN_USE", { limit: toText(limitMinor), in_use: toText(inUseMinor) });
  }
  const amount = limitMinor - credit.limitMinor;
  if (amount === 0n) return;
  const [result] = ledger.createTransfers([toEvent(plan, amount)], atUs);
  if (result!.transfer === undefined) throw fail("LEDGER_REFUSED", { status: result!.status });
}

/** What a limit gains comes from the issuer, and what it loses goes back. */
function toEvent(plan: Plan, amount: bigint): NewTransfer {
  const { issuer } = plan;
  const { unused } = plan.accounts;
  const [debit, credit] = amount > 0n ? [issuer, unused] : [unused, issuer];
  return {
    id: transferId(plan),
    debitAccountId: debit.id,
    creditAccountId: credit.id,
    amount: amount > 0n ? amount : -amount,
    pendingId: ZERO_ID,
    timeoutSeconds: 0,
    ledger: unused.ledger,
    code: TransferCodes.GRANT,
    flags: 0,
    userData: plan.changeId,
  };
}

function transferId({ changeId }: Plan): Id {
  return derivedId(`transfer/grant/${changeId}/1`);
}
