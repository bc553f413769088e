import { fromMinor } from "#mesh/money.ts";
import { type Payment, SCALE, type Status } from "./book.ts";
import type { BankNews } from "./news.ts";
import type { Calls, State } from "./state.ts";

/** Which transfers to show: of one reference, account or description, and how many at most. */
export type ReceivedQuery = {
  readonly reference?: string;
  readonly account?: string;
  readonly description?: string;
  /** 100 when it is not said. */
  readonly limit?: number;
};

/** What a simulated bank truly did. */
export type Received = {
  /** How many transfers it has decided about, and how many of them have each status. */
  readonly payments: number;
  readonly statuses: Readonly<Record<Status, number>>;
  /** What it has paid and did not get back, and what is left on the account. */
  readonly paid: string;
  readonly balance: string;
  readonly calls: Calls;
  /** References that came more than once, each of which is paid once, and how often in all. */
  readonly repeats: { readonly references: readonly string[]; readonly transfers: number };
  readonly callbacks: ReturnType<BankNews["counts"]>;
  /** The transfers that were asked for, the newest first. */
  readonly transfers: readonly ReceivedTransfer[];
};

/** A transfer that the bank has decided about. */
export type ReceivedTransfer = {
  readonly reference: string;
  readonly account: string;
  readonly amount: string;
  readonly asset: string;
  readonly description: string;
  readonly status: Status;
  readonly bankReference: string;
  /** How often it was sent since the simulator's last start. */
  readonly submits: number;
  readonly atMs: number;
};

/** Shows what the bank did. */
export function received(
  { store, calls }: State,
  news: BankNews,
  { reference, account, description, limit = 100 }: ReceivedQuery,
): Received {
  const book = store.book();
  const { payments, ...statuses } = book.counts();
  const { paidMinor, balanceMinor } = book.sums();
  const one = reference === undefined ? undefined : book.find(reference);
  const among = reference === undefined ? book.payments() : one === undefined ? [] : [one];
  const transfers: ReceivedTransfer[] = [];
  for (let index = among.length - 1; index >= 0 && transfers.length < limit; index--) {
    const payment = among[index]!;
    const fits = (account ?? payment.account) === payment.account;
    if (!fits || (description ?? payment.description) !== payment.description) continue;
    transfers.push(shown(payment, book.bankReferenceOf(payment.n)));
  }
  return {
    payments,
    statuses,
    paid: fromMinor(paidMinor, SCALE),
    balance: fromMinor(balanceMinor, SCALE),
    calls: { ...calls, refused: { ...calls.refused } },
    repeats: book.repeats(),
    callbacks: news.counts(),
    transfers,
  };
}

function shown(payment: Payment, bankReference: string): ReceivedTransfer {
  const { reference, account, asset, description, status, submits, atMs } = payment;
  const amount = fromMinor(payment.amountMinor, SCALE);
  return { reference, account, amount, asset, description, status, bankReference, submits, atMs };
}
