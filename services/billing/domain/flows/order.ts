import { hexOf, ZERO_ID } from "#mesh/ids.ts";
import { fail } from "../../errors.ts";
import type { NewAccount } from "../account.ts";
import type { Asset } from "../asset.ts";
import {
  AccountCodes,
  availableAccount,
  deskAvailableAccount,
  deskInOrdersAccount,
  inOrdersAccount,
  TransferCodes,
} from "../chart.ts";
import type { Flow } from "../hold.ts";
import { checkAsset, findHeld } from "./held.ts";
import { move, transferId } from "./links.ts";
import { ownerRefusals } from "./refusals.ts";

/** The money that an order may use; the desk is the owner whose UUID has zeros only. */
export function spendable(ownerId: string, asset: Asset): NewAccount {
  return isDesk(ownerId) ? deskAvailableAccount(asset) : availableAccount(ownerId, asset);
}

/** The money behind open orders, of an owner or of the desk. */
export function behindOrders(ownerId: string, asset: Asset): NewAccount {
  return isDesk(ownerId) ? deskInOrdersAccount(asset) : inOrdersAccount(ownerId, asset);
}

function isDesk(ownerId: string): boolean {
  return hexOf(ownerId) === ZERO_ID;
}

/**
 * The money behind an order (FLOW-15, FLOW-17). It is moved at once and not held, since a hold ends
 * once and an order fills many times (HOLD-4). The trades take from it (FLOW-16).
 */
export const order: Flow<ReturnType<typeof idsOf>> = {
  service: "matching",
  fields: {
    hold: { step: "optional" },
    capture: {},
    release: { amount: "required", step: "required" },
  },
  links: { capture: 0, release: 1 },
  refusals: [ownerRefusals],
  listed: {
    code: TransferCodes.ORDER,
    debitCodes: [AccountCodes.USER_AVAILABLE, AccountCodes.DESK_AVAILABLE],
    idOf: (holdId, step) => transferId(`order/${holdId}/${legOf(step)}`),
  },
  ids: idsOf,
  make({ holdId, ownerId, asset, amountMinor, reference }, { stepHold }) {
    const available = spendable(ownerId, asset);
    const inOrders = behindOrders(ownerId, asset);
    const event = move({
      id: stepHold,
      from: available,
      to: inOrders,
      amount: amountMinor,
      code: TransferCodes.ORDER,
      userData: hexOf(holdId),
      reference,
    });
    return { accounts: [available, inOrders], events: [event] };
  },
  release(books, end, ids) {
    const held = findHeld(books, end, ids);
    const { money, holdId } = end;
    checkAsset(end, held, money);
    if (money!.amountMinor === 0n) throw fail("INVALID_AMOUNT", { amount: "0" });
    const event = move({
      id: ids.release,
      from: books.bySlot(held.creditSlot)!,
      to: books.bySlot(held.debitSlot)!,
      amount: money!.amountMinor,
      code: TransferCodes.ORDER,
      userData: hexOf(holdId),
    });
    return { accounts: [], events: [event] };
  },
};

/** The first hold of an order stands for it; an amendment adds a step, and each release is one. */
function idsOf(holdId: string, step: number, attempt = 0) {
  const idOf = (leg: string) => transferId(`order/${holdId}/${leg}`, attempt);
  const reserve = idOf("hold");
  return {
    reserve,
    capture: idOf("capture"), // which no transfer has
    release: idOf(`release-${Math.max(1, step)}`),
    stepHold: step === 0 ? reserve : idOf(legOf(step)),
  };
}

function legOf(step: number): string {
  return step === 0 ? "hold" : `hold-${step}`;
}
