import type { Fields } from "#mesh/fields.ts";
import type { Answer } from "#mesh/http-caller.ts";
import { fromMinor } from "#mesh/money.ts";
import type { OutgoingTransfer, Outcome } from "./bank.ts";
import { amountIn, bankReferenceIn, readEntries, RIAL_SCALE, saidIn } from "./bank-answer.ts";

/** Writes a submit: one entry a transfer, amounts as decimal texts. */
export function submitBody(transfers: readonly OutgoingTransfer[]): string {
  const entries = transfers.map(({ ref, account, amountMinor, asset, description }) => ({
    reference: ref,
    account,
    amount: fromMinor(amountMinor, RIAL_SCALE),
    asset,
    description,
  }));
  return JSON.stringify({ transfers: entries });
}

/** Reads what became of each transfer. What can't be read may have been paid (PAY-3). */
export function submitOutcomes(
  answer: Answer,
  transfers: readonly OutgoingTransfer[],
): readonly Outcome[] {
  const entries = readEntries(answer);
  if (entries.kind === "READ") {
    return transfers.map((transfer) => outcomeOf(entries.of(transfer.ref), transfer));
  }
  const kind = entries.kind === "UNREADABLE" ? "UNKNOWN" : entries.kind;
  return transfers.map(() => ({ ...entries, kind }));
}

function outcomeOf(entry: Fields | undefined, { amountMinor }: OutgoingTransfer): Outcome {
  if (entry === undefined) return { kind: "UNKNOWN", code: "NO_ENTRY", text: "", raw: "" };
  const said = saidIn(entry);
  const { status } = entry;
  if (status === "COMPLETED" || status === "ACCEPTED") {
    const bankReference = bankReferenceIn(entry);
    if (bankReference === "") return { ...said, kind: "UNKNOWN", code: "NO_BANK_REFERENCE" };
    if ((amountIn(entry) ?? amountMinor) !== amountMinor)
      return { ...said, kind: "UNKNOWN", code: "AMOUNT_DIFFERS" };
    const kind = status === "COMPLETED" ? "SUCCEEDED" : "ACCEPTED";
    return { kind, bankReference, raw: said.raw };
  }
  if (status === "NO_FUNDS" || status === "NOT_PROCESSED") return { ...said, kind: status };
  // The reference is known there with other data: what became of that has to be asked.
  if (status !== "REJECTED" || said.code === "DUPLICATE_REFERENCE")
    return { ...said, kind: "UNKNOWN", code: said.code || "UNREADABLE" };
  return {
    ...said,
    kind: "REJECTED",
    fault: entry["fault"] === "PROVIDER" ? "PROVIDER" : "PAYOUT",
  };
}
