import { hexOf, uuidOf } from "#mesh/ids.ts";
import { fromMinor } from "#mesh/money.ts";
import { fail } from "../../errors.ts";
import {
  availableAccount,
  deskAvailableAccount,
  tradingFeesAccount,
  TransferCodes,
} from "../chart.ts";
import type { Flow, HoldEnd, Money } from "../hold.ts";
import type { StoredTransfer } from "../transfer.ts";
import { checkAsset, checkWhole, findHeld } from "./held.ts";
import { chained, free, hold, move, post, transferId } from "./links.ts";
import { ownerRefusals } from "./refusals.ts";

/** What an owner pays the desk for coins (FLOW-27, FLOW-29, FLOW-30). */
export const purchase: Flow<ReturnType<typeof idsOf>> = {
  service: "matching",
  fields: {
    hold: {},
    capture: { amount: "optional", base_amount: "required", fee: "optional" },
    release: { amount: "optional" },
  },
  links: { capture: 3, release: 1 },
  refusals: [ownerRefusals],
  ids: (holdId, _step, attempt) => idsOf(holdId, attempt),
  make({ holdId, ownerId, asset, amountMinor, reference }, { reserve }) {
    const account = availableAccount(ownerId, asset);
    const event = hold({
      id: reserve,
      from: account,
      to: deskAvailableAccount(asset),
      amount: amountMinor,
      code: TransferCodes.PURCHASE,
      userData: hexOf(holdId),
      reference,
    });
    return { accounts: [account], events: [event] };
  },
  capture(books, end, { reserve, capture, coins, fee }) {
    const held = findHeld(books, end, { reserve, capture, release: reserve });
    const { base, cost, feeMoney } = readCapture(end, held);
    const ownerId = uuidOf(books.bySlot(held.debitSlot)!.userData);
    const account = availableAccount(ownerId, base.asset);
    const userData = held.userData;
    const delivery = move({
      id: coins,
      from: deskAvailableAccount(base.asset),
      to: account,
      amount: base.amountMinor,
      code: TransferCodes.PURCHASE,
      userData,
    });
    const earned =
      feeMoney &&
      move({
        id: fee,
        from: deskAvailableAccount(feeMoney.asset),
        to: tradingFeesAccount(feeMoney.asset),
        amount: feeMoney.amountMinor,
        code: TransferCodes.TRADING_FEE,
        userData,
      });
    return {
      accounts: [account],
      events: chained([post(capture, reserve, cost), delivery, earned]),
    };
  },
  release(books, end, ids) {
    checkWhole(end, findHeld(books, end, ids));
    return { accounts: [], events: [free(ids.release, ids.reserve)] };
  },
};

/** The amount has the fee in it: what it is more than the fee is the price of the coins. */
function readCapture(end: HoldEnd, held: StoredTransfer) {
  const base = end.base!;
  const cost = end.money?.amountMinor ?? held.amount;
  checkAsset(end, held, end.money);
  checkAsset(end, held, end.fee);
  if (base.asset.ledger === held.ledger) {
    throw fail("ASSET_NOT_ACCEPTED", { hold_id: end.holdId, asset: base.asset.code });
  }
  if (base.amountMinor === 0n) throw fail("INVALID_AMOUNT", { amount: "0" });
  const feeMoney: Money | undefined = end.fee?.amountMinor === 0n ? undefined : end.fee;
  if (feeMoney && feeMoney.amountMinor > cost) {
    throw fail("INVALID_AMOUNT", {
      amount: fromMinor(feeMoney.amountMinor, feeMoney.asset.scale),
    });
  }
  return { base, cost, feeMoney };
}

function idsOf(holdId: string, attempt?: number) {
  const idOf = (leg: string) => transferId(`purchase/${holdId}/${leg}`, attempt);
  return {
    reserve: idOf("hold"),
    capture: idOf("cost"),
    release: idOf("void"),
    coins: idOf("coins"),
    fee: idOf("fee"),
  };
}
