import { MAX_AMOUNT } from "#mesh/money.ts";
import type { Assets } from "../domain/asset.ts";
import type { NewHold, Purpose } from "../domain/hold.ts";
import { fail } from "../errors.ts";
import { checkFields, type OwnPurpose } from "./own-purpose.ts";
import { readMoney, type WireMoney } from "./read-money.ts";

/** Money to reserve. */
export type Hold = WireMoney & {
  readonly holdId: string;
  readonly ownerId: string;
  /** May be left out by a service that has one. */
  readonly purpose?: Purpose;
  readonly reference: string;
  /** When the hold ends by itself, in microseconds since 1970. */
  readonly expiresAtUs?: number;
  /** What it costs on top of the amount. */
  readonly fee?: WireMoney;
  readonly chain?: string;
  readonly wallet?: string;
  /** Of an order: 0 for its first hold, n for the n-th addition to it. */
  readonly step?: number;
};

/** Reads a hold as its purpose needs it; throws why it can't be one. */
export function readHold(hold: Hold, { purpose, flow }: OwnPurpose, assets: Assets): NewHold {
  const { holdId, ownerId, amount, reference, expiresAtUs } = hold;
  const { fee, chain = "", wallet = "", step = 0 } = hold;
  const given = {
    fee: fee !== undefined,
    chain: chain !== "",
    wallet: wallet !== "",
    step: step !== 0,
    expire_time: expiresAtUs !== undefined,
  };
  checkFields(flow.fields.hold, given, { hold_id: holdId, purpose });
  const code = flow.asset ?? hold.asset;
  const isOther = hold.asset !== code || (fee !== undefined && fee.asset !== code);
  if (isOther) throw fail("ASSET_NOT_ACCEPTED", { hold_id: holdId, asset: code });
  const money = readMoney(assets, { asset: code, amount });
  if (money.amountMinor === 0n) throw fail("INVALID_AMOUNT", { amount });
  const feeMinor = fee === undefined ? 0n : readMoney(assets, fee).amountMinor;
  if (money.amountMinor + feeMinor > MAX_AMOUNT) throw fail("INVALID_AMOUNT", { amount });
  return {
    ...money,
    holdId,
    ownerId,
    feeMinor,
    chain,
    wallet,
    step,
    reference,
    ...(expiresAtUs !== undefined && { expiresAtUs }),
  };
}
