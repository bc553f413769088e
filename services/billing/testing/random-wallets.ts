import { array, nat, tuple } from "fast-check";
import { derivedId, newId, ZERO_ID } from "#mesh/ids.ts";
import type { Billing } from "../context.ts";
import type { Id } from "../domain/account.ts";
import {
  availableAccount,
  inOrdersAccount,
  smsRevenueAccount,
  TransferCodes as Codes,
  worldAccount,
} from "../domain/chart.ts";
import { type NewTransfer, TransferFlags } from "../domain/transfer.ts";

/** Some batches, each of some numbers that an event is cut out of. */
export const batches = array(
  array(tuple(nat(13), nat(999), nat(30)), { minLength: 4, maxLength: 12, size: "max" }),
  { minLength: 4, maxLength: 10, size: "max" },
);

/** Two owners with both accounts of IRR each, and the accounts of the house that they deal with. */
export async function twoWallets(billing: Billing) {
  const asset = billing.assets.byCode("IRR")!;
  const [one, other] = [newId(), newId()];
  const accounts = [one, other].flatMap((ownerId) => {
    return [availableAccount(ownerId, asset), inOrdersAccount(ownerId, asset)];
  });
  await billing.writer.submit({
    eventCount: 1,
    decide: ({ ledger, atUs }) => ledger.createAccounts(accounts, atUs),
  });
  const [a, ordersOfA, b, ordersOfB] = accounts.map(({ id }) => id);
  const [world, revenue] = [worldAccount(asset).id, smsRevenueAccount(asset).id];
  const names = { a: a!, ordersOfA: ordersOfA!, b: b!, ordersOfB: ordersOfB!, world, revenue };
  return { owners: [one, other] as const, names };
}

type Names = Readonly<Record<"a" | "ordersOfA" | "b" | "ordersOfB" | "world" | "revenue", Id>>;

/**
 * Has random money flows happen, a batch after the other, with time for holds to expire between
 * them: money from outside, holds of messages and of others, orders, trades, fees, and reverts.
 */
export async function happen(
  { billing, time }: { readonly billing: Billing; readonly time: { aheadMs: number } },
  names: Names,
  all: readonly (readonly (readonly [number, number, number])[])[],
  daysBetween = 0,
): Promise<void> {
  const sent: NewTransfer[] = [];
  for (const [index, batch] of all.entries()) {
    const events = batch.map(([action, one, other]) => {
      return sent[sent.push(eventOf(names, sent, [action, one, other])) - 1]!;
    });
    const original = sent[batch[0]![1] % sent.length]!;
    await billing.writer.submit({
      eventCount: events.length + 1,
      ids: [...events, original],
      decide: ({ ledger, atUs }) => {
        ledger.createTransfers(events, atUs);
        const id = derivedId(`revert/${original.id}`);
        return ledger.revert({ id, originalId: original.id }, atUs);
      },
    });
    time.aheadMs += 1500 + (1 + index) * daysBetween * DAY_MS; // from the database's time on
  }
}

const DAY_MS = 24 * 3600 * 1000;

function eventOf(
  names: Names,
  sent: readonly NewTransfer[],
  [action, one, other]: readonly [number, number, number],
): NewTransfer {
  const amount = BigInt(one % 50);
  const { a, ordersOfA, b, ordersOfB, world, revenue } = names;
  const move = (from: Id, to: Id, code: number, more: Partial<NewTransfer> = {}): NewTransfer => ({
    id: derivedId(`random/${a}/${sent.length}`),
    debitAccountId: from,
    creditAccountId: to,
    amount,
    pendingId: ZERO_ID,
    timeoutSeconds: 0,
    ledger: 1,
    code,
    flags: 0,
    userData: derivedId(`business/${other % 4}`),
    ...(other % 3 === 0 && { reference: `reference ${one % 3}` }),
    ...more,
  });
  const hold = { flags: TransferFlags.PENDING, timeoutSeconds: other % 2 };
  const perhapsHold = other % 5 < 3 ? hold : {};
  const pendings = sent.filter(({ flags }) => flags === TransferFlags.PENDING);
  const pendingId = pendings.at(-1 - (other % 6))?.id ?? derivedId("nothing");
  const ending = (flags: number, most: bigint) => {
    const inherited = { ledger: 0, userData: ZERO_ID, amount: most, pendingId, flags };
    return move(ZERO_ID, ZERO_ID, 0, inherited);
  };
  const events = [
    () => move(world, a, Codes.CHARGE, { amount: amount * 10n }),
    () => move(world, b, Codes.DEPOSIT, { amount: amount * 10n }),
    () => move(a, revenue, Codes.SMS, hold),
    () => move(a, ordersOfA, Codes.ORDER),
    () => move(ordersOfA, a, Codes.ORDER, { amount: amount / 3n }),
    () => move(ordersOfA, b, Codes.TRADE, { amount: amount / 2n }),
    () => move(b, ordersOfB, Codes.ORDER),
    () => move(b, revenue, Codes.TRADING_FEE, { amount: amount / 9n }),
    () => ending(TransferFlags.POST_PENDING, amount / 2n),
    () => ending(TransferFlags.VOID_PENDING, 0n),
    () => move(b, a, 100, perhapsHold), // what others hold for an owner
    () => move(a, ordersOfA, 100, hold),
    () => move(a, world, Codes.CHAIN_WITHDRAWAL, perhapsHold),
    () => move(revenue, a, Codes.SMS_REFUND),
  ];
  return events[action]!();
}
