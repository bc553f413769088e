import { fromMinor } from "#mesh/money.ts";
import { type Book, type Payment, SCALE, type Status } from "./book.ts";

/** What the bank tells of a payment, with the status that it tells. */
export function told(book: Book, payment: Payment, status: Status) {
  const { n, reference, script, amountMinor, code, fault } = payment;
  const isFailed = status === "REJECTED" || status === "FAILED";
  return {
    reference,
    status,
    amount: script.toldAmount || fromMinor(amountMinor, SCALE),
    bank_reference: book.bankReferenceOf(n),
    ...(isFailed && {
      code: code || "CLOSED_ACCOUNT",
      message: sayings[code] ?? "It was not paid.",
    }),
    ...(status === "REJECTED" && { fault }),
  };
}

const sayings: Readonly<Record<string, string>> = {
  INVALID_ACCOUNT: "The account is not one of any bank.",
  INVALID_AMOUNT: "The amount can't be paid.",
  CLOSED_ACCOUNT: "The account is closed.",
};
