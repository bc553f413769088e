import type { Checker } from "./checker.ts";
import type { AccountRow, Counters, LedgerRow, Snapshot } from "./snapshot.ts";

/** Checkers 2, 3 and 5 of the plan: the books balance, at the end and at every moment before. */
export const checkLedger = {
  "debits and credits of every asset are equal": (_, { accounts }) => {
    const sums = new Map<string, { pending: bigint; posted: bigint }>();
    for (const account of accounts) {
      const sum = sums.get(account.asset) ?? { pending: 0n, posted: 0n };
      sum.pending += account.debitsPending - account.creditsPending;
      sum.posted += account.debitsPosted - account.creditsPosted;
      sums.set(account.asset, sum);
    }
    return [...sums]
      .filter(([, { pending, posted }]) => pending !== 0n || posted !== 0n)
      .map(([asset, { pending, posted }]) => `${asset} is off by ${posted}, pending by ${pending}`);
  },
  "every balance is the fold of its rows": (_, snapshot) => {
    const folded = fold(snapshot, () => undefined);
    return snapshot.accounts
      .filter((account) => textOf(account) !== textOf(folded.get(account.id) ?? none))
      .map((account) => {
        const rows = textOf(folded.get(account.id) ?? none);
        return `account ${account.id} has ${textOf(account)}, its rows say ${rows}`;
      });
  },
  "the sequence has no gap": (_, { rows }) =>
    rows
      .map(({ seq }) => seq)
      .toSorted((one, other) => one - other)
      .filter((seq, index) => seq !== index + 1)
      .slice(0, 1)
      .map((seq) => `row ${seq} is not where the sequence has it`),
  "no limited account was ever overdrawn": (_, snapshot) => {
    const found: string[] = [];
    fold(snapshot, (account, counters, seq) => {
      const { debitsPending, debitsPosted, creditsPosted } = counters;
      if (!account.limited || debitsPending + debitsPosted <= creditsPosted) return;
      found.push(`account ${account.id} was overdrawn by row ${seq}`);
    });
    return found;
  },
} satisfies Record<string, Checker>;

type Mutable = { -readonly [K in keyof Counters]: Counters[K] };
type Seen = (account: AccountRow, counters: Counters, seq: number) => void;

const none: Counters = {
  debitsPending: 0n,
  debitsPosted: 0n,
  creditsPending: 0n,
  creditsPosted: 0n,
  version: 0,
};

/** Applies every row in its order to accounts that begin at zero, and shows each state on the way. */
function fold({ rows, accounts }: Snapshot, seen: Seen): Map<string, Counters> {
  const known = new Map(accounts.map((account) => [account.id, account]));
  const counters = new Map<string, Mutable>(accounts.map(({ id }) => [id, { ...none }]));
  for (const row of rows.toSorted((one, other) => one.seq - other.seq)) {
    const [held, moved] = changesOf(row);
    const debit = counters.get(row.debit);
    const credit = counters.get(row.credit);
    if (debit === undefined || credit === undefined) continue; // its sums are off, which is told
    debit.debitsPending += held;
    debit.debitsPosted += moved;
    debit.version++;
    credit.creditsPending += held;
    credit.creditsPosted += moved;
    credit.version++;
    seen(known.get(row.debit)!, debit, row.seq);
    seen(known.get(row.credit)!, credit, row.seq);
  }
  return counters;
}

/** What a row changes in what is held, and in what is posted. */
function changesOf({ kind, amount, pendingAmount }: LedgerRow): [held: bigint, moved: bigint] {
  if (kind === "single") return [0n, amount];
  if (kind === "pending") return [amount, 0n];
  return [-pendingAmount, kind === "post" ? amount : 0n];
}

function textOf(counters: Counters): string {
  const { debitsPending, debitsPosted, creditsPending, creditsPosted, version } = counters;
  return `dp ${debitsPending} d ${debitsPosted} cp ${creditsPending} c ${creditsPosted} v ${version}`;
}
