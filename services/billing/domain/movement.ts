import { derivedId, ZERO_ID } from "#mesh/ids.ts";
import type { Id } from "./account.ts";
import type { Asset } from "./asset.ts";
import {
  availableAccount,
  bankCustodyAccount,
  poolAccount,
  TransferCodes,
  worldAccount,
} from "./chart.ts";
import type { NewTransfer } from "./transfer.ts";

/** Money that an administrator puts on an account by hand (FLOW-1, FLOW-8). */
export type Movement = {
  /** Made from the request that asked for it: it is moved once, whoever agrees to it, and when. */
  readonly id: Id;
  /** The method that was called, such as "mizan.billing.v1.WalletService/ChargeAccount". */
  readonly method: string;
  readonly requestedBy: string;
  readonly ledger: number;
  /** Minor units. */
  readonly amount: bigint;
  /** The user who gets it, or POOL. */
  readonly beneficiary: string;
  /** The bank account that it is on; empty where it comes from the world outside. */
  readonly bank: string;
  /** Why. */
  readonly reference: string;
};

/** Stands for the pool where others are named by their ids. */
export const POOL = "pool";

/** What a call of an administrator moves; the key names the call. */
export function movementOf(
  { principal, method, key }: Call,
  rest: Omit<Movement, "id" | "method" | "requestedBy">,
): Movement {
  const id = derivedId(`${kindOf(rest)}/${principal}/${method}/${key}`);
  return { id, method, requestedBy: principal, ...rest };
}

type Call = Record<"principal" | "method" | "key", string>;

/** Whether a movement was asked for by a call with some key, whoever has made it. */
export function isAskedWith(movement: Movement, { key }: Pick<Call, "key">): boolean {
  const { requestedBy: principal, method } = movement;
  return movement.id === movementOf({ principal, method, key }, movement).id;
}

/** Whether two movements differ in nothing but who has asked for them. */
export function isSameMovement(one: Movement, other: Movement): boolean {
  const fields = ["method", "ledger", "amount", "beneficiary", "bank", "reference"] as const;
  return fields.every((field) => one[field] === other[field]);
}

/** The transfer of a movement, always the same (TRF-8). */
export function movementTransfer(movement: Movement, asset: Asset): NewTransfer {
  const { id, amount, reference } = movement;
  const { debit, credit } = movementSides(movement, asset);
  return {
    id: derivedId(`transfer/${kindOf(movement)}/${id}/1`),
    debitAccountId: debit.id,
    creditAccountId: credit.id,
    amount,
    pendingId: ZERO_ID,
    timeoutSeconds: 0,
    ledger: asset.ledger,
    code: isTopUp(movement) ? TransferCodes.POOL_TOPUP : TransferCodes.CHARGE,
    flags: 0,
    userData: id,
    reference,
  };
}

/** Where the money of a movement comes from, and where it goes. */
export function movementSides({ beneficiary, bank }: Sides, asset: Asset) {
  return isTopUp({ beneficiary })
    ? { debit: bankCustodyAccount(bank, asset), credit: poolAccount(asset) }
    : { debit: worldAccount(asset), credit: availableAccount(beneficiary, asset) };
}

/** Whether a movement fills the pool (FLOW-8). */
export function isTopUp({ beneficiary }: Pick<Movement, "beneficiary">): boolean {
  return beneficiary === POOL;
}

type Sides = Pick<Movement, "beneficiary" | "bank">;

function kindOf(movement: Pick<Movement, "beneficiary">): string {
  return isTopUp(movement) ? "pool-topup" : "charge";
}
