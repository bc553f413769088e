import type { LedgerSums } from "../domain/accounts.ts";
import type { StoredTransfer } from "../domain/transfer.ts";

/** The books do not add up. Nobody may write to them until a person has looked at them. */
export class BooksError extends Error {
  override readonly name = "BooksError";
}

/** Throws a BooksError unless debits equal credits in every ledger, held ones too (WR-7). */
export function checkBooks(sums: Iterable<LedgerSums>, pendings: Iterable<StoredTransfer>): void {
  const open = new Map<number, bigint>();
  for (const { ledger, amount } of pendings) open.set(ledger, (open.get(ledger) ?? 0n) + amount);
  for (const { ledger, ...sum } of sums) {
    const { debitsPosted, creditsPosted, debitsPending, creditsPending } = sum;
    const held = open.get(ledger) ?? 0n;
    open.delete(ledger);
    if (
      debitsPosted !== creditsPosted ||
      debitsPending !== creditsPending ||
      debitsPending !== held
    ) {
      const posted = `debits ${debitsPosted} and credits ${creditsPosted}`;
      const pending = `held ${debitsPending}, ${creditsPending} and ${held}`;
      throw new BooksError(`ledger ${ledger} does not add up: ${posted}, ${pending}`);
    }
  }
  for (const [ledger] of open) throw new BooksError(`ledger ${ledger} holds for no account`);
}
