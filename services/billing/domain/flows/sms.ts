import { hexOf, ZERO_ID } from "#mesh/ids.ts";
import { fromMinor, MAX_AMOUNT } from "#mesh/money.ts";
import { fail } from "../../errors.ts";
import type { Id } from "../account.ts";
import { availableAccount, HOUSE_ASSET, smsRevenueAccount, TransferCodes } from "../chart.ts";
import type { Books, Chain, Flow, HoldEnd, NewRefund } from "../hold.ts";
import { type NewTransfer, type StoredTransfer, TransferFlags } from "../transfer.ts";
import { move, transferId } from "./links.ts";
import { ownerRefusals } from "./refusals.ts";

/** The price of a message or of a chunk of them (FLOW-2, FLOW-3, FLOW-4, FLOW-5). */
export const sms: Flow = {
  service: "sms",
  asset: HOUSE_ASSET,
  fields: {
    hold: { expire_time: "optional" },
    capture: { amount: "optional" },
    release: { amount: "optional" },
  },
  links: { capture: 1, release: 1 },
  refusals: [ownerRefusals],
  ids(holdId) {
    const idOf = (leg: string) => transferId(`sms/${holdId}/${leg}`);
    return { reserve: idOf("reserve"), capture: idOf("capture"), release: idOf("release") };
  },
  make({ holdId, ownerId, asset, amountMinor, reference, expiresAtUs }, { reserve }) {
    const account = availableAccount(ownerId, asset);
    const event: NewTransfer = {
      id: reserve,
      debitAccountId: account.id,
      creditAccountId: smsRevenueAccount(asset).id,
      amount: amountMinor,
      pendingId: ZERO_ID,
      timeoutSeconds: 0,
      ledger: asset.ledger,
      code: TransferCodes.SMS,
      flags: TransferFlags.PENDING,
      userData: hexOf(holdId),
      reference,
      ...(expiresAtUs !== undefined && { expiresAtUs }),
    };
    return { accounts: [account], events: [event] };
  },
  capture(_books, end, { reserve, capture }) {
    const event = ending(end, { id: capture, pendingId: reserve, whole: MAX_AMOUNT });
    return { accounts: [], events: [{ ...event, flags: TransferFlags.POST_PENDING }] };
  },
  release({ transfer }, end, { reserve, release }) {
    const { holdId, money } = end;
    if (money?.amountMinor === 0n && (transfer(reserve)?.amount ?? 0n) > 0n) {
      // It would free all (TRF-1), and who names an amount wants it checked.
      const amount = fromMinor(0n, money.asset.scale);
      throw fail("HOLD_AMOUNT_DIFFERS", { hold_id: holdId, amount });
    }
    const event = ending(end, { id: release, pendingId: reserve, whole: 0n });
    return { accounts: [], events: [{ ...event, flags: TransferFlags.VOID_PENDING }] };
  },
  refund: {
    fields: {},
    ids: (refundId) => [transferId(`sms/${refundId}/refund`)],
    captures: ({ capture }) => [capture],
    make: (books, refund, { captures }) => refunded(books, refund, captures[0]!),
  },
};

/** The hold backwards: from who got the money to who gave it. */
function refunded(books: Books, refund: NewRefund, capture: StoredTransfer): Chain {
  const { refundId, holdId, amountMinor, reference } = refund;
  const event = move({
    id: transferId(`sms/${refundId}/refund`),
    from: books.bySlot(capture.creditSlot)!,
    to: books.bySlot(capture.debitSlot)!,
    amount: amountMinor,
    code: TransferCodes.SMS_REFUND,
    userData: hexOf(holdId),
    reference,
  });
  return { accounts: [], events: [event] };
}

/** The ledger itself compares the amount and the asset with the hold. */
function ending(
  { money }: HoldEnd,
  { id, pendingId, whole }: { readonly id: Id; readonly pendingId: Id; readonly whole: bigint },
): NewTransfer {
  return {
    id,
    debitAccountId: ZERO_ID,
    creditAccountId: ZERO_ID,
    amount: money?.amountMinor ?? whole,
    pendingId,
    timeoutSeconds: 0,
    ledger: money?.asset.ledger ?? 0,
    code: 0,
    flags: 0,
    userData: ZERO_ID,
  };
}
