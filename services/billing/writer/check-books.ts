import type { Account } from "../domain/account.ts";
import type { StoredTransfer } from "../domain/transfer.ts";

/** The books do not add up. Nobody may write to them until a person has looked at them. */
export class BooksError extends Error {
  override readonly name = "BooksError";
}

/** Throws a BooksError unless debits equal credits in every ledger, held ones too (WR-7). */
export function checkBooks(accounts: Iterable<Account>, pendings: Iterable<StoredTransfer>): void {
  const sums = new Map<number, Sums>();
  const sumsOf = (ledger: number) => {
    const known = sums.get(ledger) ?? { debits: 0n, credits: 0n, held: 0n, heldBack: 0n, open: 0n };
    sums.set(ledger, known);
    return known;
  };
  for (const account of accounts) {
    const of = sumsOf(account.ledger);
    of.debits += account.debitsPosted;
    of.credits += account.creditsPosted;
    of.held += account.debitsPending;
    of.heldBack += account.creditsPending;
  }
  for (const { ledger, amount } of pendings) sumsOf(ledger).open += amount;
  for (const [ledger, { debits, credits, held, heldBack, open }] of sums) {
    if (debits !== credits || held !== heldBack || held !== open) {
      const text = `debits ${debits} and credits ${credits}, held ${held}, ${heldBack} and ${open}`;
      throw new BooksError(`ledger ${ledger} does not add up: ${text}`);
    }
  }
}

type Sums = { debits: bigint; credits: bigint; held: bigint; heldBack: bigint; open: bigint };
