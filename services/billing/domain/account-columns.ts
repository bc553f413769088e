import type { Account } from "./account.ts";
import type { AccountColumns } from "./packed-accounts.ts";

/** Accounts as the store hands them over, in parts of so many; for tests. Their slots count from 1. */
export function columnsOf(accounts: readonly Account[], perPart = 3): AccountColumns[] {
  const count = Math.ceil(accounts.length / perPart);
  return Array.from({ length: count }, (_, at) => {
    const part = accounts.slice(at * perPart, (at + 1) * perPart);
    const hexOf = (read: (account: Account) => string) =>
      Uint8Array.fromHex(part.map(read).join(""));
    const numbers = (digits: number, read: (account: Account) => number) =>
      hexOf((account) => read(account).toString(16).padStart(digits, "0"));
    return {
      count: part.length,
      ids: hexOf(({ id }) => id),
      userDatas: hexOf(({ userData }) => userData),
      createdAtsUs: numbers(16, ({ createdAtUs }) => createdAtUs),
      versions: numbers(16, ({ version }) => version),
      ledgers: numbers(8, ({ ledger }) => ledger),
      codes: numbers(8, ({ code }) => code),
      flags: numbers(8, ({ flags }) => flags),
      debitsPending: part.map(({ debitsPending }) => debitsPending).join(),
      debitsPosted: part.map(({ debitsPosted }) => debitsPosted).join(),
      creditsPending: part.map(({ creditsPending }) => creditsPending).join(),
      creditsPosted: part.map(({ creditsPosted }) => creditsPosted).join(),
    };
  });
}
