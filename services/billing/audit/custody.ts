import { findBalanceAt } from "../store/audit-custody.ts";
import type { Comparison } from "./compare.ts";

/** What somebody outside says that an account of custody has. */
type CustodyBalance = {
  /** The account, as 32 hex digits. */
  readonly accountId: string;
  /** What is there, in minor units. */
  readonly amountMinor: bigint;
  /** The number of the last transfer that it takes into account. */
  readonly asOfSeq: number;
};

/** Who keeps what the books say we have: a bank's statement, a chain, an exchange. */
export type CustodySource = {
  readonly name: string;
  readonly balances: () => AsyncIterable<CustodyBalance>;
};

/**
 * Accounts of custody have what their keepers say (d less c, at the same transfer). What is told of
 * a transfer that is not read yet waits for the next audit.
 */
export async function compareCustody(
  { connection, remade, report }: Comparison,
  sources: readonly CustodySource[],
): Promise<void> {
  for (const { name, balances } of sources) {
    for await (const { accountId, amountMinor, asOfSeq } of balances()) {
      if (asOfSeq > remade.fold.lastSeq) continue;
      const balance = await findBalanceAt(connection, accountId, asOfSeq);
      if (balance?.amountMinor === amountMinor) continue;
      const [expected, found] = [String(balance?.amountMinor ?? "no account"), String(amountMinor)];
      report({ slot: balance?.slot ?? 0, seq: asOfSeq, field: `custody.${name}`, expected, found });
    }
  }
}
