import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { asFields } from "#mesh/fields.ts";
import { toMinor } from "#mesh/money.ts";
import { acceptsWith, answerWith } from "../fault.ts";
import { answerJson } from "../http.ts";
import { MOST_PAYMENTS, type Payment, SCALE } from "./book.ts";
import type { BankNews } from "./news.ts";
import { isAmount, type Script } from "./script.ts";
import type { State } from "./state.ts";
import { told } from "./told.ts";

/** Takes transfers: each reference once, written down before the answer leaves. */
export function createSubmit(state: State, news: BankNews) {
  const { store } = state;
  return async (body: string, response: ServerResponse): Promise<void> => {
    state.calls.submits++;
    const transfers = readTransfers(body);
    if (transfers === undefined || transfers.length > MOST_TRANSFERS)
      return answerJson(response, 400, unprocessed("MALFORMED"));
    state.calls.transfers += transfers.length;
    const { call, items: scripts } = state.settings.rules.plan(transfers);
    if (call.takeDelayMs > 0) await sleep(call.takeDelayMs, undefined, { ref: false });
    const isRefused = call.callStatus >= 400;
    const isTaken = !isRefused && acceptsWith(call.fault);
    const taken: Payment[] = [];
    const results = isTaken
      ? transfers.map((transfer, index) => take(state, transfer, scripts[index]!, taken))
      : [];
    await store.written();
    await news.plan(taken);
    if (call.delayMs > 0) await sleep(call.delayMs, undefined, { ref: false });
    if (isRefused) return answerJson(response, call.callStatus, unprocessed(call.code || "BUSY"));
    await answerWith(response, call.fault, JSON.stringify({ results }));
  };
}

/** How the bank says that it has not looked at a call. */
export function unprocessed(code: string): string {
  return JSON.stringify({ status: "NOT_PROCESSED", code, message: "Nothing was processed." });
}

/** A transfer as it was sent; the amount is a text. */
type Transfer = Readonly<Record<(typeof names)[number], string>>;

/** Takes one transfer, or says why not; what is new is added to `taken`. */
function take(state: State, transfer: Transfer, script: Script, taken: Payment[]): object {
  const { store } = state;
  const { reference, account, asset, amount } = transfer;
  const known = store.book().find(reference);
  if (known !== undefined) return again(state, transfer, known);
  const refuse = (status: string, code: string) => {
    state.calls.refused[code] = (state.calls.refused[code] ?? 0) + 1;
    return { reference, status, code, message: "It was not taken." };
  };
  if (script.outcome === "notProcessed") return refuse("NOT_PROCESSED", script.code || "BUSY");
  const isSound = isAmount(amount) && /^[\w.-]{1,128}$/.test(reference);
  const amountMinor = isSound ? toMinor(amount, SCALE) : 0n;
  if (amountMinor === 0n || asset !== "IRR") return refuse("REJECTED", "INVALID_TRANSFER");
  const { balanceMinor } = store.book().sums();
  if (script.outcome === "noFunds" || (script.outcome !== "reject" && balanceMinor < amountMinor))
    return refuse("NO_FUNDS", "NO_FUNDS");
  const n = store.book().nextNumber();
  if (store.book().counts().payments >= MOST_PAYMENTS) return refuse("NOT_PROCESSED", "FULL");
  const isRejected = script.outcome === "reject" || account === "";
  const status = isRejected ? "REJECTED" : script.outcome === "accept" ? "ACCEPTED" : "COMPLETED";
  const payment: Payment = {
    n,
    reference,
    account,
    asset,
    description: transfer.description.slice(0, MOST_KEPT),
    amountMinor,
    atMs: Date.now(),
    status,
    submits: 1,
    script,
    code: script.code || (isRejected ? "INVALID_ACCOUNT" : ""),
    fault: script.rejectFault,
  };
  store.add(payment);
  taken.push(payment);
  return told(store.book(), payment, status);
}

/** A reference that is known: with the same data the first answer, else a refusal. */
function again({ store }: State, transfer: Transfer, known: Payment): object {
  store.book().repeat(known);
  const { reference, account, asset, amount } = transfer;
  const isSame = known.account === account && known.asset === asset && isAmount(amount);
  if (!isSame || toMinor(amount, SCALE) !== known.amountMinor) {
    const message = "The reference belongs to another transfer.";
    return { reference, status: "REJECTED", fault: "PAYOUT", code: "DUPLICATE_REFERENCE", message };
  }
  const { status } = known;
  const isPaid = status === "COMPLETED" || status === "RETURNED";
  const first = status === "REJECTED" ? "REJECTED" : isPaid ? "COMPLETED" : "ACCEPTED";
  return told(store.book(), known, first);
}

function readTransfers(body: string): readonly Transfer[] | undefined {
  try {
    const transfers = asFields(JSON.parse(body))?.["transfers"];
    if (!Array.isArray(transfers) || transfers.length === 0) return undefined;
    const isSound = transfers.every((one) =>
      names.every((name) => typeof asFields(one)?.[name] === "string"),
    );
    return isSound ? (transfers as readonly Transfer[]) : undefined;
  } catch {
    return undefined;
  }
}

const names = ["reference", "account", "amount", "asset", "description"] as const;
const MOST_TRANSFERS = 100;
const MOST_KEPT = 200;
