import { derivedId } from "#mesh/ids.ts";
import type { Id, NewAccount } from "./account.ts";
import type { Asset } from "./asset.ts";
import { HOUSE_ASSET, smsRevenueAccount, TransferCodes } from "./chart.ts";
import type { StoredTransfer } from "./transfer.ts";

/** What money can be held for; only one service may touch the holds of a purpose (HOLD-2). */
export type Purpose = {
  readonly service: string;
  /** Begins the names of its transfers. */
  readonly path: string;
  readonly code: number;
  /** The code of what is given back. */
  readonly refundCode: number;
  /** The code of the only asset that it is paid in. */
  readonly asset: string;
  /** Who gets what is captured. */
  readonly payee: (asset: Asset) => NewAccount;
};

/** The purposes by their names. */
export const purposes = {
  SMS: {
    service: "sms",
    path: "sms",
    code: TransferCodes.SMS,
    refundCode: TransferCodes.SMS_REFUND,
    asset: HOUSE_ASSET,
    payee: smsRevenueAccount,
  },
} as const satisfies Record<string, Purpose>;

/** The ids of the transfers behind a hold (TRF-8): made from its own, so that a retry is the same. */
export type HoldIds = { readonly reserve: Id; readonly capture: Id; readonly release: Id };

/** Names the transfers of a hold. */
export function holdIds({ path }: Purpose, holdId: string): HoldIds {
  const idOf = (leg: string) => derivedId(`transfer/${path}/${holdId}/${leg}`);
  return { reserve: idOf("reserve"), capture: idOf("capture"), release: idOf("release") };
}

/** Names the transfer of a refund (FLOW-5): by the id of the refund, since a hold may have several. */
export function refundTransferId({ path }: Purpose, refundId: string): Id {
  return derivedId(`transfer/${path}/${refundId}/refund`);
}

/** Where a hold stands; unknown for one that was never made. */
export type HoldState = "unknown" | "held" | "captured" | "released" | "expired";

/** Reads where a hold stands from the transfer that reserves. */
export function holdStateOf(reserve: StoredTransfer | undefined): HoldState {
  if (reserve === undefined) return "unknown";
  if (reserve.resolution === undefined) return "held";
  return states[reserve.resolution];
}

const states = { posted: "captured", voided: "released", expired: "expired" } as const;
