import { derivedId, ZERO_ID } from "#mesh/ids.ts";
import { fromMinor } from "#mesh/money.ts";
import type { Billing } from "../context.ts";
import type { Account, NewAccount } from "../domain/account.ts";
import { type NewTransfer, TransferFlags } from "../domain/transfer.ts";
import { createTransfers } from "../operations/create-transfers.ts";

/** A transfer that a service books, by the path of its id. */
export type Link = {
  readonly path: string;
  readonly from: NewAccount;
  readonly to: NewAccount;
  /** In major units. */
  readonly amount: string;
  readonly code: number;
  readonly flags?: number;
};

/** Books a chain as a service does; returns the statuses. */
export async function book(billing: Billing, service: string, ...links: readonly Link[]) {
  const requests = links.map(({ path, from, to, amount, code, flags = 0 }, place) => ({
    id: derivedId(`transfer/${path}`),
    debitAccountId: from.id,
    creditAccountId: to.id,
    amount,
    isAll: false,
    pendingId: ZERO_ID,
    timeoutSeconds: 0,
    asset: billing.assets.ofLedger(from.ledger).code,
    code,
    flags: flags | (place === links.length - 1 ? 0 : TransferFlags.LINKED),
    userData: derivedId(`test/${links[0]!.path}`),
  }));
  const outcomes = await createTransfers(billing, requests, { service });
  return outcomes.map(({ status }) => status);
}

/** Makes a chain that billing books by itself; returns the statuses. */
export async function make({ writer }: Billing, events: readonly NewTransfer[]) {
  const results = await writer.submit({
    eventCount: events.length,
    ids: events,
    decide: ({ ledger, atUs }) => ledger.createTransfers(events, atUs),
  });
  return results.map(({ status }) => status);
}

/**
 * What something changes in the books: the counters of each account that it touches, by the given
 * names and in major units, such as "dp +1.00 c -2.00".
 */
export async function changesOf(
  billing: Billing,
  names: Readonly<Record<string, Pick<NewAccount, "id">>>,
  act: () => Promise<unknown>,
): Promise<Record<string, string>> {
  const before = new Map((await accountsOf(billing)).map((account) => [account.id, account]));
  await act();
  const named = new Map(Object.entries(names).map(([name, { id }]) => [id, name]));
  const lines = (await accountsOf(billing)).map((account) => {
    const { scale } = billing.assets.ofLedger(account.ledger);
    const text = differenceOf(before.get(account.id), account, scale);
    return [named.get(account.id) ?? account.id, text] as const;
  });
  return Object.fromEntries(lines.filter(([, text]) => text !== ""));
}

function differenceOf(before: Account | undefined, after: Account, scale: number): string {
  const parts = Object.entries(counters).flatMap(([short, counter]) => {
    const difference = after[counter] - (before?.[counter] ?? 0n);
    if (difference === 0n) return [];
    const sign = difference < 0n ? "-" : "+";
    return `${short} ${sign}${fromMinor(difference < 0n ? -difference : difference, scale)}`;
  });
  return parts.join(" ");
}

const counters = {
  dp: "debitsPending",
  d: "debitsPosted",
  cp: "creditsPending",
  c: "creditsPosted",
} as const;

/** What debit and credit sides differ in, ledger by ledger; nothing, when all is well. */
export async function unbalanced(billing: Billing): Promise<object[]> {
  const byLedger = Map.groupBy(await accountsOf(billing), ({ ledger }) => ledger);
  const sums = Array.from(byLedger, ([ledger, accounts]) => {
    const sum = (counter: keyof typeof counters) =>
      accounts.reduce((total, account) => total + account[counters[counter]], 0n);
    return { ledger, posted: sum("d") - sum("c"), pending: sum("dp") - sum("cp") };
  });
  return sums.filter(({ posted, pending }) => posted !== 0n || pending !== 0n);
}

/** The codes of transfers, by the paths of their ids; undefined for those that are not there. */
export async function codesOf({ writer }: Billing, ...paths: readonly string[]) {
  const ids = paths.map((path) => ({ id: derivedId(`transfer/${path}`), pendingId: ZERO_ID }));
  return writer.submit({
    eventCount: 1,
    ids,
    decide: ({ ledger }) => ids.map(({ id }) => ledger.transfer(id)?.code),
  });
}

/** Copies of all accounts, as they are now. */
export async function accountsOf({ writer }: Billing): Promise<Account[]> {
  return writer.submit({
    eventCount: 1,
    decide: ({ ledger }) => {
      const accounts: Account[] = [];
      for (let slot = 1; ledger.bySlot(slot) !== undefined; slot++) {
        accounts.push({ ...ledger.bySlot(slot)! });
      }
      return accounts;
    },
  });
}
