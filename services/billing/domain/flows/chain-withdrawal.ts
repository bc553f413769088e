import { hexOf } from "#mesh/ids.ts";
import {
  availableAccount,
  chainCustodyAccount,
  chainOutAccount,
  TransferCodes,
  withdrawalFeesAccount,
} from "../chart.ts";
import type { Books, Chain, Flow, HoldEnd, NewHold } from "../hold.ts";
import { checkWhole, findHeld } from "./held.ts";
import { chained, free, hold, move, post, transferId } from "./links.ts";
import { ownerRefusals } from "./refusals.ts";

type Ids = ReturnType<typeof idsOf>;

/**
 * A withdrawal to a chain (FLOW-19, FLOW-20, FLOW-21). A link of nothing names the wallet that pays,
 * so that the books themselves know it when the withdrawal is confirmed.
 */
export const chainWithdrawal: Flow<Ids> = {
  service: "settlement",
  fields: {
    hold: { fee: "optional", chain: "required", wallet: "required" },
    capture: { amount: "optional" },
    release: { amount: "optional" },
  },
  links: { capture: 3, release: 2 },
  refusals: [ownerRefusals, ownerRefusals, ownerRefusals],
  ids: (holdId, _step, attempt) => idsOf(holdId, attempt),
  further: (ids) => [ids.wallet, ids.fee],
  make,
  capture,
  release(books, end, ids) {
    checkWhole(end, findHeld(books, end, ids));
    const fee = books.transfer(ids.fee) && free(ids.feeVoid, ids.fee);
    return { accounts: [], events: chained([free(ids.release, ids.reserve), fee]) };
  },
};

function make(one: NewHold, ids: Ids): Chain {
  const { holdId, ownerId, asset, amountMinor, feeMinor, chain, wallet, reference } = one;
  const account = availableAccount(ownerId, asset);
  const inFlight = chainOutAccount(chain, asset);
  const custody = chainCustodyAccount(chain, wallet, asset);
  const same = { code: TransferCodes.CHAIN_WITHDRAWAL, userData: hexOf(holdId), reference };
  const amount = hold({
    ...same,
    id: ids.reserve,
    from: account,
    to: inFlight,
    amount: amountMinor,
  });
  const payer = move({ ...same, id: ids.wallet, from: inFlight, to: custody, amount: 0n });
  const fee = hold({
    ...same,
    id: ids.fee,
    from: account,
    to: withdrawalFeesAccount(asset),
    amount: feeMinor,
    code: TransferCodes.WITHDRAWAL_FEE,
  });
  return {
    accounts: [account, inFlight, custody],
    events: chained([amount, payer, feeMinor > 0n ? fee : undefined]),
  };
}

function capture(books: Books, end: HoldEnd, ids: Ids): Chain {
  const held = findHeld(books, end, ids);
  checkWhole(end, held);
  const { debitSlot, creditSlot } = books.transfer(ids.wallet)!;
  const fee = books.transfer(ids.fee) && post(ids.feePost, ids.fee);
  const paid = move({
    id: ids.custody,
    from: books.bySlot(debitSlot)!,
    to: books.bySlot(creditSlot)!,
    amount: held.amount,
    code: TransferCodes.CHAIN_WITHDRAWAL,
    userData: held.userData,
  });
  return { accounts: [], events: chained([post(ids.capture, ids.reserve), fee, paid]) };
}

function idsOf(holdId: string, attempt?: number) {
  const idOf = (leg: string) => transferId(`cwd/${holdId}/${leg}`, attempt);
  return {
    reserve: idOf("amount"),
    fee: idOf("fee"),
    wallet: idOf("wallet"),
    capture: idOf("amount-post"),
    feePost: idOf("fee-post"),
    release: idOf("amount-void"),
    feeVoid: idOf("fee-void"),
    custody: idOf("custody"),
  };
}
