import { toMinor } from "#mesh/money.ts";
import { differencesOf, type Script } from "./script.ts";

/** A transfer that the bank has decided about; its number becomes the bank's reference. */
export type Payment = {
  readonly n: number;
  readonly reference: string;
  readonly account: string;
  readonly asset: string;
  readonly description: string;
  readonly amountMinor: bigint;
  /** When it was taken, and when its status became what it is, in milliseconds since 1970. */
  readonly atMs: number;
  status: Status;
  /** The bank's code for a transfer that it rejects, and whose fault that is. */
  readonly code: string;
  readonly fault: "PAYOUT" | "PROVIDER";
  readonly script: Script;
  /** How often it was sent. */
  submits: number;
};

export type Status = "ACCEPTED" | "COMPLETED" | "REJECTED" | "FAILED" | "RETURNED";

/** A line of a statement. */
export type Line = {
  readonly id: string;
  readonly direction: "out" | "in";
  readonly reference: string;
  readonly amountMinor: bigint;
  readonly atMs: number;
};

/** What a simulated bank remembers, all of it: payments, lines of statements, its balance. */
export type Book = ReturnType<typeof createBook>;

/** Makes a book whose payments are numbered from `first`; bank references begin at the base. */
export function createBook({ base, first }: { readonly base: bigint; readonly first: number }) {
  const payments: Payment[] = [];
  const byReference = new Map<string, Payment>();
  const lines: Line[] = [];
  const counts = { ACCEPTED: 0, COMPLETED: 0, REJECTED: 0, FAILED: 0, RETURNED: 0 };
  const sums = { paidMinor: 0n, balanceMinor: USUAL_BALANCE };
  let extras = 0;
  let again = 0;
  const named = new Set<string>();
  const bankReferenceOf = (n: number) => String(base + BigInt(n));
  const line = (payment: Payment, direction: Line["direction"], atMs: number) => {
    const { n, reference, script } = payment;
    if (!script.isBooked) return;
    const id = direction === "out" ? bankReferenceOf(n) : `${bankReferenceOf(n)}-R`;
    lines.push({ id, direction, reference, amountMinor: bookedMinor(payment), atMs });
  };
  const enter = (payment: Payment, status: Status, atMs: number) => {
    const { amountMinor } = payment;
    counts[status]++;
    if (status === "COMPLETED") {
      sums.paidMinor += amountMinor;
      line(payment, "out", atMs);
    } else if (status === "FAILED") sums.balanceMinor += amountMinor;
    else if (status === "RETURNED") {
      sums.paidMinor -= amountMinor;
      sums.balanceMinor += amountMinor;
      line(payment, "in", atMs);
    }
  };
  return {
    base,
    bankReferenceOf,
    find: (reference: string) => byReference.get(reference),
    at: (n: number) => payments[n - first],
    nextNumber: () => first + payments.length,
    add: (payment: Payment) => {
      payments.push(payment);
      byReference.set(payment.reference, payment);
      if (payment.status !== "REJECTED") sums.balanceMinor -= payment.amountMinor;
      enter(payment, payment.status, payment.atMs);
    },
    /** Notes that a transfer came once more; tells nothing and pays nothing. */
    repeat: (payment: Payment) => {
      payment.submits++;
      again++;
      if (named.size < NAMED_REPEATS) named.add(payment.reference);
    },
    setStatus: (payment: Payment, status: Status, atMs: number) => {
      counts[payment.status]--;
      payment.status = status;
      enter(payment, status, atMs);
    },
    /** Puts a line into the statement that belongs to no payment of ours. */
    addLine: (extra: Omit<Line, "id">) => void lines.push({ ...extra, id: `${base}-X${++extras}` }),
    setBalance: (minor: bigint) => (sums.balanceMinor = minor),
    sums: () => ({ ...sums }),
    lines: () => lines as readonly Line[],
    payments: () => payments as readonly Payment[],
    counts: () => ({ payments: payments.length, ...counts }),
    repeats: () => ({ references: [...named], transfers: again }),
  };
}

/** The decimals of a rial. */
export const SCALE = 2;

/** How many payments a book holds at most: nothing is ever forgotten by itself. */
export const MOST_PAYMENTS = 2_000_000;

/** A payment as a line of the file. */
export function paymentLine(payment: Payment): string {
  const { n, reference, account, asset, description, amountMinor, atMs } = payment;
  const { status, code, fault, script } = payment;
  const fields = [n, reference, account, asset, description, String(amountMinor), atMs, status];
  return `${JSON.stringify(["p", ...fields, code, fault, differencesOf(script)])}\n`;
}

function bookedMinor({ amountMinor, script: { bookedAmount } }: Payment): bigint {
  return bookedAmount === "" ? amountMinor : toMinor(bookedAmount, SCALE);
}

const USUAL_BALANCE = 10n ** 14n;
const NAMED_REPEATS = 10_000;
