import { hexOf, uuidOf } from "#mesh/ids.ts";
import { fromMinor } from "#mesh/money.ts";
import { fail } from "../../errors.ts";
import type { Assets } from "../asset.ts";
import {
  bankCustodyAccount,
  bankOutAccount,
  CREDIT_ASSET,
  HOUSE_ASSET,
  merchantCreditAccount,
  merchantCreditUsedAccount,
  payoutFeesAccount,
  poolAccount,
  TransferCodes,
} from "../chart.ts";
import type { Books, Chain, Flow, HoldEnd, NewHold, NewRefund, Refusals } from "../hold.ts";
import { type StoredTransfer, TransferFlags } from "../transfer.ts";
import { checkWhole, findHeld } from "./held.ts";
import { chained, free, hold, move, post, transferId } from "./links.ts";
import { payBack } from "./pay-back.ts";
import { ownerRefusals } from "./refusals.ts";

type Ids = ReturnType<typeof idsOf>;

const poolRefusals: Refusals = { ...ownerRefusals, exceeds_credits: "POOL_EXHAUSTED" };

/**
 * A withdrawal of a merchant (FLOW-9 to FLOW-12): its credit and the money of the pool, tied
 * together. The credit comes first, so that a merchant who has none learns that, and not how the
 * pool stands (HOLD-3).
 */
export const merchantWithdrawal: Flow<Ids> = {
  service: "core",
  asset: HOUSE_ASSET,
  fields: {
    hold: { fee: "optional" },
    capture: { amount: "optional", bank: "optional" },
    release: { amount: "optional" },
  },
  links: { capture: 4, release: 3 },
  refusals: [
    { ...ownerRefusals, exceeds_credits: "INSUFFICIENT_CREDIT" },
    poolRefusals,
    poolRefusals,
  ],
  ids: (holdId, _step, attempt) => idsOf(holdId, attempt),
  further: (ids) => [ids.credit, ids.fee],
  make,
  capture,
  release(books, end, ids) {
    checkWhole(end, findHeld(books, end, ids));
    const fee = books.transfer(ids.fee) && free(ids.feeVoid, ids.fee);
    const events = [free(ids.creditVoid, ids.credit), free(ids.release, ids.reserve), fee];
    return { accounts: [], events: chained(events) };
  },
  refund: {
    fields: { bank: "required" },
    ids: (refundId) => [1, 2].map((leg) => transferId(`mwd-return/${refundId}/${leg}`)),
    captures: ({ capture: paid, creditPost }) => [paid, creditPost],
    check: checkReturn,
    make(books, { refundId, holdId, ...refund }, { captures, assets }) {
      const { amountMinor: amount, ...rest } = refund;
      const merchantId = uuidOf(books.bySlot(captures[1]!.debitSlot)!.userData);
      const path = `mwd-return/${refundId}`;
      const why = { path, code: TransferCodes.MERCHANT_RETURN, userData: hexOf(holdId) };
      return payBack({ ...rest, ...why, merchantId, amount }, assets);
    },
  },
};

/**
 * A payout comes back as a whole; its fee was earned. A merchant who has paid for it already has
 * used no credit that could be freed: the return waits until it has.
 */
function checkReturn(
  books: Books,
  { holdId, asset, amountMinor }: NewRefund,
  [paid, creditPost]: readonly StoredTransfer[],
): void {
  checkWhole({ holdId, money: { asset, amountMinor } }, paid!);
  const { creditsPosted, debitsPosted } = books.bySlot(creditPost!.creditSlot)!;
  const utilizedMinor = creditsPosted - debitsPosted;
  if (amountMinor <= utilizedMinor) return;
  throw fail("REPAYMENT_EXCEEDED", {
    amount: fromMinor(amountMinor, asset.scale),
    utilized: fromMinor(utilizedMinor, asset.scale),
  });
}

function make(one: NewHold, ids: Ids, assets: Assets): Chain {
  const { holdId, ownerId, asset, amountMinor, feeMinor, reference } = one;
  const lines = assets.byCode(CREDIT_ASSET)!;
  const same = { code: TransferCodes.MERCHANT_WITHDRAWAL, userData: hexOf(holdId), reference };
  const pool = poolAccount(asset);
  const credit = hold({
    ...same,
    id: ids.credit,
    from: merchantCreditAccount(ownerId, lines),
    to: merchantCreditUsedAccount(ownerId, lines),
    amount: amountMinor + feeMinor,
  });
  const money = hold({
    ...same,
    id: ids.reserve,
    from: pool,
    to: bankOutAccount(asset),
    amount: amountMinor,
  });
  const fee = hold({
    ...same,
    id: ids.fee,
    from: pool,
    to: payoutFeesAccount(asset),
    amount: feeMinor,
    code: TransferCodes.PAYOUT_FEE,
  });
  return { accounts: [], events: chained([credit, money, feeMinor > 0n ? fee : undefined]) };
}

function capture(books: Books, end: HoldEnd, ids: Ids): Chain {
  const held = findHeld(books, end, ids);
  checkWhole(end, held);
  const fee = books.transfer(ids.fee) && post(ids.feePost, ids.fee);
  const posts = [post(ids.creditPost, ids.credit), post(ids.capture, ids.reserve), fee];
  if (end.bank === "" || isOnStatement(books, ids)) return { accounts: [], events: chained(posts) };
  const bank = bankCustodyAccount(end.bank, held);
  const paid = move({
    id: ids.custody,
    from: books.bySlot(held.creditSlot)!,
    to: bank,
    amount: held.amount,
    code: TransferCodes.PAYOUT_STATEMENT,
    userData: held.userData,
  });
  return { accounts: [bank], events: chained([...posts, paid]) };
}

/** Whether a line of the statement was booked before the capture, or without it. */
function isOnStatement({ transfer }: Books, { custody, fee, feePost, capture: paid }: Ids) {
  const last: StoredTransfer | undefined = transfer(transfer(fee) ? feePost : paid);
  const isLinked = ((last?.flags ?? 0) & TransferFlags.LINKED) !== 0;
  return transfer(custody) !== undefined && !isLinked;
}

function idsOf(holdId: string, attempt?: number) {
  const idOf = (leg: string) => transferId(`mwd/${holdId}/${leg}`, attempt);
  return {
    credit: idOf("credit"),
    reserve: idOf("pool"),
    fee: idOf("fee"),
    creditPost: idOf("credit-post"),
    capture: idOf("pool-post"),
    feePost: idOf("fee-post"),
    creditVoid: idOf("credit-void"),
    release: idOf("pool-void"),
    feeVoid: idOf("fee-void"),
    custody: idOf("custody"),
  };
}
