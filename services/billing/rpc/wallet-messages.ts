import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type BalanceSchema,
  Entry_Side,
  Entry_Type,
  type EntrySchema,
} from "#gen/mizan/billing/v1/wallet_pb.ts";
import { uuidOf } from "#mesh/ids.ts";
import type { Assets } from "../domain/asset.ts";
import type { Balance, Entry, EntrySide, EntryType } from "../domain/wallet.ts";
import { toMoney, toTime } from "./messages.ts";

/** Writes what an owner has. */
export function toBalance(assets: Assets, { ledger, availableMinor, heldMinor }: Balance) {
  const balance = {
    available: toMoney(assets, ledger, availableMinor),
    held: toMoney(assets, ledger, heldMinor),
    total: toMoney(assets, ledger, availableMinor + heldMinor),
  };
  return balance satisfies MessageInitShape<typeof BalanceSchema>;
}

/** Writes a line of a statement. */
export function toEntry(assets: Assets, entry: Entry) {
  const message = {
    id: uuidOf(entry.id),
    type: types[entry.type],
    side: sides[entry.side],
    amount: toMoney(assets, entry.balance.ledger, entry.amountMinor),
    balanceAfter: toBalance(assets, entry.balance),
    reference: entry.reference,
    createTime: toTime(entry.atUs),
  };
  return message satisfies MessageInitShape<typeof EntrySchema>;
}

/** Reads the types of entries that are asked for. */
export function fromEntryTypes(wanted: readonly Entry_Type[]): EntryType[] {
  return wanted.flatMap((type) => typesByNumber.get(type) ?? []);
}

const types: Readonly<Record<EntryType, Entry_Type>> = {
  charge: Entry_Type.CHARGE,
  hold: Entry_Type.HOLD,
  hold_release: Entry_Type.HOLD_RELEASE,
  sms_deduction: Entry_Type.SMS_DEDUCTION,
  refund: Entry_Type.REFUND,
  trade: Entry_Type.TRADE,
  fee: Entry_Type.FEE,
  withdrawal: Entry_Type.WITHDRAWAL,
  deposit: Entry_Type.DEPOSIT,
  reversal: Entry_Type.REVERSAL,
  transfer: Entry_Type.TRANSFER,
};

const typesByNumber = new Map(
  Object.entries(types).map(([name, type]) => [type, name as EntryType]),
);

const sides: Readonly<Record<EntrySide, Entry_Side>> = {
  none: Entry_Side.UNSPECIFIED,
  debit: Entry_Side.DEBIT,
  credit: Entry_Side.CREDIT,
};
