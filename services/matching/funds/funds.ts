import type { OrderId } from "../domain/command.ts";
import type { SweepOrphans } from "./orphans.ts";
import type { Serially } from "./serially.ts";

/** Money that an order needs held before it is journaled (FUND-1). */
export type Wanted = {
  /** The order, or the limit leg of two linked ones: the hold has its id. */
  readonly order: OrderId;
  /** Whose money it is, as the 32 hex digits of a UUID; zeros are the desk. */
  readonly owner: string;
  readonly asset: string;
  /** How many decimals the asset has. */
  readonly scale: number;
  /** More than 0, in minor units of the asset. */
  readonly minor: bigint;
};

/**
 * What became of a hold:
 * - HELD: it is new, and so is the order; place it.
 * - HELD_BEFORE: by an earlier try with this id. Look the order up: when it is stored, it is the
 *   answer; when nothing is known of it, the try has crashed before the journal, so place it now.
 * - FREED: so too, and a part of it was freed since. What is not stored can't be placed any more.
 * - RELEASED: the first try was given up, and the id is refused for ever (FUND-8).
 * - DIFFERS: this id holds something else: the request is another one than the first, or needs
 *   something else by now. What is not stored can't be placed until that hold is given up.
 * - INSUFFICIENT_FUNDS: nothing is held, neither now nor when this id comes again.
 */
export type HoldVerdict =
  | "HELD"
  | "HELD_BEFORE"
  | "FREED"
  | "RELEASED"
  | "DIFFERS"
  | "INSUFFICIENT_FUNDS";

/** Orders that are being placed: until it is disposed of, the sweep of orphans leaves them alone. */
type Placing = Disposable & {
  /**
   * Takes the holds of orders, those of all callers at a time together; each stands or falls for
   * itself. Throws LEDGER_AWAY when it is not known in time how that ended: the same call again
   * finds out, and what was held for nothing is freed a minute later.
   */
  readonly take: (wanted: readonly Wanted[], signal?: AbortSignal) => Promise<HoldVerdict[]>;
};

/** The money of orders on the ledger: one in a process. */
export type Funds = AsyncDisposable & {
  /**
   * Begins to place orders; call it before anything is awaited. Throws ORDER_IN_PROGRESS for one that
   * is being given up just now.
   */
  readonly placing: (orders: readonly OrderId[]) => Placing;
  /** Does the works that are about one order one after the other, such as its amendments. */
  readonly serially: Serially;
  /**
   * Takes an extra hold and has `use` journal the amendment with the number of it; gives the money
   * back when `use` says that it was refused. Call it within `serially`. Undefined is
   * INSUFFICIENT_FUNDS; throws as `take` does, TOO_MANY_AMENDS after a bounded number of extra holds
   * of an order, and ORDER_IN_PROGRESS while an extra hold of a try
   * that has crashed is not given up yet.
   */
  readonly extend: <T extends { readonly isRefused: boolean }>(
    extra: Wanted,
    use: (holdStep: number) => Promise<T>,
    signal?: AbortSignal,
  ) => Promise<T | undefined>;
  /**
   * Waits until what the batches so far have freed of some holds is free on the ledger, one second
   * at most: the rows of the releases see to it later.
   */
  readonly freed: (holds: readonly OrderId[]) => Promise<void>;
  /** Sends releases whose rows were left over, a bounded number of them. */
  readonly releaseLeft: () => Promise<void>;
  /** Gives up holds that no order needs (FUND-8). */
  readonly sweepOrphans: SweepOrphans;
};
