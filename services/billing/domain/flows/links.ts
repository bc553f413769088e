import { derivedId, ZERO_ID } from "#mesh/ids.ts";
import { MAX_AMOUNT } from "#mesh/money.ts";
import type { Id, NewAccount } from "../account.ts";
import { type NewTransfer, TransferFlags } from "../transfer.ts";

/**
 * Names a transfer by what causes it (TRF-8): the kind of the business action, its id and the leg.
 * A chain that was refused can never succeed as a whole; what an operator drives anew has the next
 * attempt, from 1 (IDEM-4).
 */
export function transferId(path: string, attempt = 0): Id {
  return derivedId(`transfer/${path}${attempt === 0 ? "" : `/r${attempt}`}`);
}

/** Says what a transfer moves, and between whom. */
export type Move = Pick<NewTransfer, "id" | "amount" | "code" | "userData"> & {
  readonly from: NewAccount;
  readonly to: Pick<NewAccount, "id">;
  readonly reference?: string;
};

/** Moves money at once; what it is moved from is debited. */
export function move({ id, amount, code, userData, from, to, reference }: Move): NewTransfer {
  return {
    id,
    debitAccountId: from.id,
    creditAccountId: to.id,
    amount,
    pendingId: ZERO_ID,
    timeoutSeconds: 0,
    ledger: from.ledger,
    code,
    flags: 0,
    userData,
    ...(reference !== undefined && { reference }),
  };
}

/** Holds money until it is captured or released; it never ends by itself (HOLD-1). */
export function hold(one: Move): NewTransfer {
  return { ...move(one), flags: TransferFlags.PENDING };
}

/** Takes what is held, or a part of it, and frees the rest. */
export function post(id: Id, pendingId: Id, amount: bigint = MAX_AMOUNT): NewTransfer {
  return { ...ending, id, pendingId, amount, flags: TransferFlags.POST_PENDING };
}

/** Frees what is held. */
export function free(id: Id, pendingId: Id): NewTransfer {
  return { ...ending, id, pendingId, flags: TransferFlags.VOID_PENDING };
}

/** What it leaves out it has from the pending transfer (TRF-2). */
const ending = {
  debitAccountId: ZERO_ID,
  creditAccountId: ZERO_ID,
  amount: 0n,
  timeoutSeconds: 0,
  ledger: 0,
  code: 0,
  userData: ZERO_ID,
};

/** Ties transfers into one chain: all or none (CHAIN-2). What costs nothing is left out before. */
export function chained(events: readonly (NewTransfer | undefined)[]): NewTransfer[] {
  const links = events.filter((event) => event !== undefined);
  const last = links.pop()!;
  return [...links.map(linked), last];
}

function linked(event: NewTransfer): NewTransfer {
  return { ...event, flags: event.flags | TransferFlags.LINKED };
}
