import type { Checker } from "./checker.ts";
import type { LedgerRow, Payment, Snapshot, TextRow } from "./snapshot.ts";

/** The price of texts: paid once by who sent them, given back once when they failed. */
export const checkPrices = {
  "every text is paid for once, or not at all when it failed": (_, snapshot) => {
    const paid = paymentsOf(snapshot);
    return [...Map.groupBy(snapshot.texts, ({ chunk }) => chunk)].flatMap(([chunk, texts]) => {
      const amountOf = (kind: Payment["kind"]) => sumOf(paid.get(chunk), kind);
      const due = priceOf(texts.filter(({ charge }) => charge === "CAPTURED"));
      const taken = amountOf("capture") - amountOf("refund");
      const text = `chunk ${chunk}: ${taken} were taken for texts of ${due}`;
      return taken === due && amountOf("capture") <= amountOf("reserve") ? [] : [text];
    });
  },
  "the money of every text is where its end says": (_, { texts }) =>
    texts
      .filter(({ state, charge }) => !(chargesOf.get(state)?.includes(charge) ?? true))
      .map(({ id, state, charge }) => `text ${id} is ${state}, but its price is ${charge}`),
  "every price that was given back was given back once": (_, { rows, texts }) => {
    const refunds = rows.filter(({ payment }) => payment?.kind === "refund");
    const byText = Map.groupBy(refunds, ({ payment }) => payment!.text!);
    return texts.flatMap(({ id, charge, price }) => {
      const amounts = (byText.get(id) ?? []).map(({ amount }) => amount);
      const wanted = charge === "REFUNDED" ? String(price) : "";
      if (amounts.join() === wanted) return [];
      return [`text ${id} (${charge} ${price}) was refunded: ${amounts.join() || "never"}`];
    });
  },
  "no price of a text stays reserved": (_, snapshot) =>
    [...paymentsOf(snapshot)]
      .filter(([, rows]) => has(rows, "reserve") && !has(rows, "capture") && !has(rows, "release"))
      .map(([chunk]) => `the hold of chunk ${chunk} is still open`),
  "the ledger refused nothing that was decided for a text": (_, { refusals }) =>
    refusals.map((step) => `the ledger refused to ${step}`),
  "every balance is what came in, less the price of the texts": (_, { accounts, rows, texts }) => {
    const own = Map.groupBy(texts, ({ account }) => account);
    const others = rows.filter(({ payment }) => payment === undefined);
    const nets = netsOf(others);
    return accounts.flatMap(({ id, limited, creditsPosted, debitsPosted }) => {
      if (!limited) return []; // the house is on the other side
      const price = priceOf((own.get(id) ?? []).filter(({ charge }) => charge === "CAPTURED"));
      const due = (nets.get(id) ?? 0n) - price;
      const balance = creditsPosted - debitsPosted;
      return balance === due ? [] : [`account ${id} has ${balance}, and should have ${due}`];
    });
  },
} satisfies Record<string, Checker>;

/** Where the price may be when a text has ended. */
const chargesOf = new Map([
  ["DELIVERED", ["CAPTURED"]],
  ["UNDELIVERED", ["CAPTURED"]],
  ["FAILED", ["RELEASED", "REFUNDED"]],
  ["EXPIRED", ["RELEASED", "REFUNDED"]],
  ["REJECTED", ["NONE", "RELEASED"]],
]);

function paymentsOf({ rows }: Snapshot): Map<string | undefined, LedgerRow[]> {
  const payments = rows.filter(({ payment }) => payment !== undefined);
  return Map.groupBy(payments, ({ payment }) => payment?.chunk);
}

function has(rows: readonly LedgerRow[], kind: Payment["kind"]): boolean {
  return rows.some(({ payment }) => payment?.kind === kind);
}

function sumOf(rows: readonly LedgerRow[] = [], kind: Payment["kind"]): bigint {
  const ofKind = rows.filter(({ payment }) => payment?.kind === kind);
  return ofKind.reduce((sum, { amount }) => sum + amount, 0n);
}

function priceOf(texts: readonly TextRow[]): bigint {
  return texts.reduce((sum, { price }) => sum + price, 0n);
}

/** What rows that move money have put on each account. */
function netsOf(rows: readonly LedgerRow[]): Map<string, bigint> {
  const nets = new Map<string, bigint>();
  for (const { kind, debit, credit, amount } of rows) {
    if (kind !== "single" && kind !== "post") continue;
    nets.set(debit, (nets.get(debit) ?? 0n) - amount);
    nets.set(credit, (nets.get(credit) ?? 0n) + amount);
  }
  return nets;
}
