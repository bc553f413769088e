import { strict as assert } from "node:assert";
import { MAX_AMOUNT } from "#mesh/money.ts";
import { AccountFlags, type AccountResult, type NewAccount } from "./account.ts";
import type { Condition } from "./condition.ts";
import { accountOf, createLedgerPair, idOf, type LedgerPair, transferOf } from "./ledger-pair.ts";
import { type NewTransfer, TransferFlags, type TransferResult } from "./transfer.ts";

/**
 * Runs a table of commands on the ledger and its naive twin, and returns both with the list of
 * deviations: where an answer was not the one after the colon, or a counter not as told. Names stand for ids; flags and options follow what a verb needs:
 *
 *     account  A1 D<C LNK ledger=1 code=1 user=U1 : created
 *     set      A1 dp=0 d=0 cp=0 c=20
 *     transfer T1 A1 A2 15 LNK PEN timeout=1 : created 15
 *     post     T2 T1 all : created
 *     void     T3 T1 0 debit=A1 : pending_transfer_already_posted
 *     transfer T4 A1 A2 5 dv=3 if=debit.available.gte.-5,credit.posted.lt.9 : condition_not_met
 *     dry transfer T5 A1 A2 5   : created 5
 *     revert   R2 T2            : created 15
 *     lookup   A1 d=15 c=20 closed
 *     tick     1
 *     commit
 *
 * Accounts, or transfers, that follow one another are one batch; any other line ends it. A dry one
 * is a batch of its own; `dv` and `cv` are versions that are expected.
 */
export function runTable(table: string): LedgerPair & { readonly deviations: string[] } {
  const run: Run = { pair: createLedgerPair(), batch: [], deviations: [] };
  for (const text of table.split("\n").filter((line) => line.trim() !== "")) {
    const line = parse(text);
    if (!areOneBatch(line, run.batch.at(0))) flush(run);
    verbs[line.verb]!(run, line);
  }
  flush(run);
  return { ...run.pair, deviations: run.deviations };
}

type Run = {
  readonly pair: LedgerPair;
  readonly batch: Line[];
  readonly deviations: string[];
};

type Line = {
  readonly text: string;
  readonly verb: string;
  readonly isDry: boolean;
  readonly words: readonly string[];
  readonly flags: ReadonlySet<string>;
  readonly options: ReadonlyMap<string, string>;
  readonly status: string;
  readonly amount: string | undefined;
};

const verbs: Readonly<Record<string, (run: Run, line: Line) => void>> = {
  account: (run, line) => void run.batch.push(line),
  transfer: (run, line) => void run.batch.push(line),
  post: (run, line) => void run.batch.push(line),
  void: (run, line) => void run.batch.push(line),
  revert,
  commit() {}, // any other line ends a batch
  set: setCounters,
  lookup,
  tick({ pair }, { words }) {
    pair.nowUs = Math.max(pair.nowUs, pair.ledger.lastAtUs) + Number(words[0]) * 1_000_000;
  },
};

function areOneBatch(line: Line, first: Line | undefined): boolean {
  if (first === undefined || line.isDry !== first.isDry) return false;
  return line.verb === first.verb || [line, first].every(({ verb }) => transferVerbs.has(verb));
}

const transferVerbs = new Set(["transfer", "post", "void"]);

function parse(text: string): Line {
  const [request = "", expected = ""] = text.split(" : ");
  const words0 = request.trim().split(/\s+/);
  const isDry = words0[0] === "dry";
  const [verb = "", ...rest] = isDry ? words0.slice(1) : words0;
  const [status = "", amount] = expected.trim().split(/\s+/);
  const pairs = rest.filter((word) => word.includes("="));
  const words = rest.filter((word) => !isFlag(word) && !word.includes("="));
  const flags = new Set(rest.filter((word) => isFlag(word)));
  const options = new Map(pairs.map((pair) => pair.split("=") as [string, string]));
  assert(verb in verbs, text);
  return { text, verb, isDry, words, flags, options, status, amount };
}

/** Flags have capitals only. */
function isFlag(word: string): boolean {
  return /^[A-Z<]{3,}$/.test(word) || word === "closed";
}

function flush({ pair, batch, deviations }: Run) {
  const lines = batch.splice(0);
  const results = answer(pair, lines);
  for (const [index, line] of lines.entries())
    deviations.push(...deviationsOf(line, results[index]!));
}

function answer(pair: LedgerPair, lines: readonly Line[]) {
  if (lines[0]?.verb === "account") return pair.createAccounts(lines.map(toAccount));
  const events = lines.map(toTransfer);
  return lines[0]?.isDry === true ? pair.dryRun(events) : pair.createTransfers(events);
}

function deviationsOf({ text, status, amount }: Line, result: AccountResult | TransferResult) {
  const moved = "transfer" in result ? result.transfer?.amount : undefined;
  const isOther = amount !== undefined && moved !== toAmount(amount);
  return [
    ...(result.status === status ? [] : [`${text} but was ${result.status}`]),
    ...(isOther ? [`${text} but it was ${moved}`] : []),
  ];
}

function revert({ pair, deviations }: Run, line: Line) {
  const [id, originalId] = line.words.map(idOf) as [string, string];
  deviations.push(...deviationsOf(line, pair.revert({ id, originalId })));
}

function toAccount({ words, flags, options }: Line): NewAccount {
  return accountOf(words[0]!, { flags: sumOf(flags, accountFlags), ...toFields(options) });
}

const accountFlags: Readonly<Record<string, number>> = {
  LNK: AccountFlags.LINKED,
  "D<C": AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS,
  "C<D": AccountFlags.CREDITS_MUST_NOT_EXCEED_DEBITS,
};

function toTransfer({ verb, words, flags, options }: Line): NewTransfer {
  const fields = toFields(options);
  const [name, one, other, amount] = words as [string, string, string, string];
  if (verb === "transfer") {
    const more = { amount: toAmount(amount), flags: sumOf(flags, transferFlags), ...fields };
    return transferOf(name, one, other, more);
  }
  const ending = verb === "post" ? TransferFlags.POST_PENDING : TransferFlags.VOID_PENDING;
  const inherited = { pendingId: idOf(one), ledger: 0, code: 0 };
  const more = { amount: toAmount(other), flags: sumOf(flags, transferFlags) | ending, ...fields };
  return transferOf(name, "zero", "zero", { ...inherited, ...more });
}

const transferFlags: Readonly<Record<string, number>> = {
  LNK: TransferFlags.LINKED,
  PEN: TransferFlags.PENDING,
  BALDR: TransferFlags.BALANCING_DEBIT,
  BALCR: TransferFlags.BALANCING_CREDIT,
  CLSDR: TransferFlags.CLOSING_DEBIT,
  CLSCR: TransferFlags.CLOSING_CREDIT,
};

function sumOf(flags: ReadonlySet<string>, values: Readonly<Record<string, number>>): number {
  return [...flags].reduce((sum, flag) => sum + values[flag]!, 0);
}

function toFields(options: ReadonlyMap<string, string>) {
  const fields = Object.entries({
    ledger: ["ledger", Number],
    code: ["code", Number],
    user: ["userData", idOf],
    timeout: ["timeoutSeconds", Number],
    debit: ["debitAccountId", idOf],
    credit: ["creditAccountId", idOf],
    pending: ["pendingId", idOf],
    flags: ["flags", Number],
    dv: ["expectedDebitVersion", Number],
    cv: ["expectedCreditVersion", Number],
    if: ["conditions", toConditions],
  } as const);
  return Object.fromEntries(
    fields
      .filter(([option]) => options.has(option))
      .map(([option, [field, read]]) => [field, read(options.get(option)!)]),
  );
}

function toConditions(text: string): Condition[] {
  return text.split(",").map((part) => {
    const [side, field, op, amount] = part.split(".");
    return { side, field, op, amountMinor: toAmount(amount!) } as Condition;
  });
}

/** Reads "12", "all" and "M-99", where M is the largest amount. */
function toAmount(text: string): bigint {
  if (text === "all") return MAX_AMOUNT;
  return text.startsWith("M-") ? MAX_AMOUNT - BigInt(text.slice(2)) : BigInt(text);
}

/** Gives an account its counters, in their order, by transfers with an account that has no limits. */
function setCounters({ pair }: Run, { words, options }: Line) {
  const [name] = words as [string];
  const [house, asset] = ["house of a table", pair.ledger.account(idOf(name))!.ledger];
  pair.createAccounts([accountOf(house + asset, { ledger: asset })]);
  const steps = [...options].map(([counter, amount]) => {
    const [debit, credit] = counter.startsWith("d") ? [name, house + asset] : [house + asset, name];
    const flags = counter.endsWith("p") ? TransferFlags.PENDING : 0;
    const more = { amount: toAmount(amount), ledger: asset, flags };
    return transferOf(`${name} ${counter}`, debit, credit, more);
  });
  for (const { status } of pair.createTransfers(steps)) assert.equal(status, "created");
}

/** Reads an account as the writer does: what is due expires first (EXT-4). */
function lookup({ pair, deviations }: Run, { text, words, flags, options }: Line) {
  pair.ledger.expireDue(pair.nowUs);
  pair.naive.expireDue(pair.nowUs);
  const account = pair.ledger.account(idOf(words[0]!))!;
  assert.deepEqual(account, pair.naive.account(idOf(words[0]!)), text);
  const counters = {
    dp: account.debitsPending,
    d: account.debitsPosted,
    cp: account.creditsPending,
    c: account.creditsPosted,
  };
  for (const [name, counter] of Object.entries(counters)) {
    const isOther = counter !== toAmount(options.get(name) ?? "0");
    if (isOther) deviations.push(`${text} but ${name} was ${counter}`);
  }
  const isClosed = (account.flags & AccountFlags.CLOSED) !== 0;
  if (isClosed !== flags.has("closed")) deviations.push(`${text} but closed was ${isClosed}`);
}
