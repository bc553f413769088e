import type { Account, Id } from "./account.ts";
import { type AccountColumns, packAccounts } from "./packed-accounts.ts";

/** The accounts of a ledger. What the store had becomes an object only when somebody asks for it. */
export type Accounts = {
  find(id: Id): Account | undefined;
  at(slot: number): Account | undefined;
  /** The accounts whose user_data it is, oldest first. */
  ofOwner(userData: Id): readonly Account[];
  /** Adds an account, whose slot comes after those of all others. */
  add(account: Account): void;
  /** Takes the newest account out again, which was added and not loaded. */
  remove(account: Account): void;
  /** What the accounts of each ledger add up to. */
  sums(): Iterable<LedgerSums>;
};

/** What the accounts of a ledger add up to, in minor units. */
export type LedgerSums = { readonly ledger: number } & Readonly<Counters>;

type Counters = Pick<
  Account,
  "debitsPending" | "debitsPosted" | "creditsPending" | "creditsPosted"
>;

/** Begins with what the store had, and what it says that these add up to. */
export function createAccountTable(
  columns: readonly AccountColumns[] = [],
  storedSums: readonly LedgerSums[] = [],
): Accounts {
  const packed = packAccounts(columns);
  const byId = new Map<Id, Account>();
  const bySlot = Array.from<Account | undefined>({ length: packed.count + 1 });
  const added = new Map<Id, Account[]>();
  const at = (slot: number) => bySlot[slot] ?? wake(slot);
  const wake = (slot: number) => {
    if (slot === 0 || slot > packed.count) return undefined;
    const account = packed.read(slot);
    bySlot[slot] = account;
    byId.set(account.id, account);
    return account;
  };
  return {
    find: (id) => byId.get(id) ?? wake(packed.slotOf(id)),
    at,
    ofOwner: (userData) => [
      ...packed.slotsOf(userData).map((slot) => at(slot)!),
      ...(added.get(userData) ?? []),
    ],
    add(account) {
      byId.set(account.id, account);
      bySlot[account.slot] = account;
      const siblings = added.get(account.userData);
      if (siblings === undefined) added.set(account.userData, [account]);
      else siblings.push(account);
    },
    remove({ id, slot, userData }) {
      byId.delete(id);
      bySlot.length = slot;
      const siblings = added.get(userData)!;
      if (siblings.length === 1) added.delete(userData);
      else siblings.pop();
    },
    sums() {
      const sums = new Map(storedSums.map((stored) => [stored.ledger, { ...stored }]));
      for (const account of byId.values()) {
        addTo(sums, account, 1n);
        if (account.slot <= packed.count) addTo(sums, packed.read(account.slot), -1n);
      }
      return sums.values();
    },
  };
}

type Sums = Map<number, { ledger: number } & Counters>;

function addTo(sums: Sums, account: Account, times: bigint) {
  const { ledger } = account;
  const none = { debitsPending: 0n, debitsPosted: 0n, creditsPending: 0n, creditsPosted: 0n };
  const sum = sums.get(ledger) ?? { ledger, ...none };
  sums.set(ledger, sum);
  sum.debitsPending += times * account.debitsPending;
  sum.debitsPosted += times * account.debitsPosted;
  sum.creditsPending += times * account.creditsPending;
  sum.creditsPosted += times * account.creditsPosted;
}
