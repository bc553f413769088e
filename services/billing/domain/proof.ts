import { AccountCodes } from "./chart.ts";

/** The sums of all accounts of one kind. Amounts are minor units. */
export type ProofLine = {
  readonly code: number;
  readonly accountCount: number;
  readonly debitsPosted: bigint;
  readonly creditsPosted: bigint;
  readonly debitsPending: bigint;
  readonly creditsPending: bigint;
};

/** The books of one ledger at one moment, by kinds of accounts in the order of their codes. */
export type Proof = {
  readonly ledger: number;
  readonly lines: readonly ProofLine[];
  /** The number of the last transfer by then, and its time in microseconds since 1970. */
  readonly asOfSeq: number;
  readonly asOfUs: number;
};

/** What the lines of a proof come to, in minor units. */
export type ProofSums = Omit<ProofLine, "code" | "accountCount"> & {
  /** What is there for others: banks, wallets, exchanges, and what the operator vouches for. */
  readonly custody: bigint;
  /** What users and merchants have a right to. */
  readonly liabilities: bigint;
  readonly isBalanced: boolean;
};

/**
 * Sums up a proof (section 8 of the ledger's rules). Custody is what was debited less what was
 * credited of the accounts of custody, of the world, and of the issuer of credit; liabilities are
 * what was credited less what was debited of the accounts of users and merchants.
 */
export function sumProof({ lines }: Proof): ProofSums {
  const sum = (of: (line: ProofLine) => bigint, codes?: ReadonlySet<number>) =>
    lines.reduce((all, line) => (codes?.has(line.code) === false ? all : all + of(line)), 0n);
  const debitsPosted = sum((line) => line.debitsPosted);
  const creditsPosted = sum((line) => line.creditsPosted);
  const debitsPending = sum((line) => line.debitsPending);
  const creditsPending = sum((line) => line.creditsPending);
  return {
    debitsPosted,
    creditsPosted,
    debitsPending,
    creditsPending,
    custody: sum((line) => line.debitsPosted - line.creditsPosted, custodyCodes),
    liabilities: sum((line) => line.creditsPosted - line.debitsPosted, liabilityCodes),
    isBalanced: debitsPosted === creditsPosted && debitsPending === creditsPending,
  };
}

const custodyCodes: ReadonlySet<number> = new Set([
  AccountCodes.BANK_CUSTODY,
  AccountCodes.CHAIN_CUSTODY,
  AccountCodes.EXCHANGE_CUSTODY,
  AccountCodes.WORLD,
  AccountCodes.CREDIT_ISSUER,
]);

const liabilityCodes: ReadonlySet<number> = new Set([
  AccountCodes.USER_AVAILABLE,
  AccountCodes.USER_IN_ORDERS,
  AccountCodes.MERCHANT_CREDIT,
  AccountCodes.MERCHANT_CREDIT_USED,
]);

/** What a kind of accounts is called: its name in the chart, in words; empty for others. */
export function kindName(code: number): string {
  return names.get(code) ?? "";
}

const names: ReadonlyMap<number, string> = new Map(
  Object.entries(AccountCodes).map(([name, code]) => {
    return [code, name.toLowerCase().replaceAll("_", " ")];
  }),
);
