import { MAX_ID, ZERO_ID } from "#mesh/ids.ts";
import { MAX_AMOUNT } from "#mesh/money.ts";
import type { Id, NewAccount } from "./account.ts";
import type { Condition } from "./condition.ts";
import { type NewTransfer, TransferFlags as Flag } from "./transfer.ts";

/** What an event is made from: what it is about, and numbers to cut choices out of. */
export type Numbers = readonly [action: number, one: number, other: number, wish: number];

/** What has happened before the events that are to be made. */
export type Past = {
  readonly sent: readonly NewTransfer[];
  readonly nowUs: number;
  readonly versionOf: (id: Id) => number | undefined;
};

/** Accounts 1 to 9: 1 to 6 of ledger 1, the others of ledger 2; 3, 4, 5 and 8 have limits. */
export const firstAccounts = [0, 0, 2, 2, 4, 0, 0, 2, 0].map((flags, index): NewAccount => ({
  id: idOf(index + 1),
  ledger: index < 6 ? 1 : 2,
  code: 1,
  flags,
  userData: idOf(index % 3),
}));

/** What they have to begin with. */
export const firstTransfers = [
  [1, 3, 200n],
  [1, 4, 90n],
  [5, 2, 200n],
  [7, 8, 100n],
].map(([debit, credit, amount], index) =>
  transfer(idOf(9000 + index), Number(debit), Number(credit), { amount: BigInt(amount!) }),
);

function transfer(id: Id, debit: number, credit: number, more: Partial<NewTransfer>): NewTransfer {
  return {
    id,
    debitAccountId: idOf(debit),
    creditAccountId: idOf(credit),
    amount: 0n,
    pendingId: ZERO_ID,
    timeoutSeconds: 0,
    ledger: debit < 7 ? 1 : 2,
    code: 1,
    flags: 0,
    userData: ZERO_ID,
    ...more,
  };
}

/** The id that a number stands for. */
export function idOf(number: number): Id {
  return number.toString(16).padStart(32, "0");
}

/** Cuts choices out of two numbers. */
export function choices([one, other]: readonly number[]) {
  const left = [one!, other!];
  let turn = 0;
  return (options: number): number => {
    turn = 1 - turn;
    const choice = left[turn]! % Math.max(options, 1);
    left[turn] = Math.floor(left[turn]! / Math.max(options, 1));
    return choice;
  };
}

/** Makes an account to open. */
export function toAccount(numbers: Numbers): NewAccount {
  const choose = choices(numbers.slice(1));
  const isLinked = choose(4) === 0 ? 1 : 0;
  const number = choose(14);
  const common = firstAccounts[number];
  const id = choose(12) === 0 ? [ZERO_ID, MAX_ID][choose(2)]! : idOf(number + 1);
  if (common !== undefined && choose(2) === 0) return { ...common, flags: common.flags + isLinked };
  const flags = [0, 2, 4, 0, 0, 6, 8, 16][choose(8)]! + isLinked;
  const ledger = [1, 2, 1, 0, 3][choose(5)]!;
  return { id, ledger, code: choose(4) === 0 ? 0 : 1, flags, userData: idOf(choose(3)) };
}

/** Makes transfers. One that was sent before may come again in the same batch too. */
export function toTransfers(past: Past, events: readonly Numbers[]): NewTransfer[] {
  const sent = [...past.sent];
  return events.map((numbers) => {
    const event = toTransfer(numbers, sent, past.nowUs);
    const whole = { ...event, ...toWishes(event, { ...past, sent }, numbers[3]) };
    sent.push(whole);
    return whole;
  });
}

function toTransfer(numbers: Numbers, sent: readonly NewTransfer[], nowUs: number): NewTransfer {
  const [action] = numbers;
  const choose = choices(numbers.slice(1));
  const flags = choose(4) === 0 ? Flag.LINKED : 0;
  const id = idOf(10_000 + sent.length);
  if (action < 30) return { ...toMove(id, choose), flags: flags | toBalancing(choose) };
  if (action < 55) return toHold(toMove(id, choose), flags | Flag.PENDING, nowUs, choose);
  if (action < 78) return toEnding(id, flags, sent, choose);
  if (action < 93) return toRepeated(sent, choose);
  return toOddity(id, sent, nowUs, choose);
}

/** Wishes of the caller, most of which come true. */
function toWishes(event: NewTransfer, { sent, versionOf }: Past, wish: number) {
  const choose = choices([wish, Math.floor(wish / 7)]);
  const pending = sent.find(({ id }) => id === event.pendingId) ?? event;
  const expected = (id: Id) => (versionOf(id) ?? 0) + (choose(3) === 0 ? 1 : 0);
  const [debit, credit] = [pending.debitAccountId, pending.creditAccountId];
  return {
    ...(choose(12) === 1 && { expectedDebitVersion: expected(debit) }),
    ...(choose(12) === 1 && { expectedCreditVersion: expected(credit) }),
    ...(choose(8) === 1 && { conditions: Array.from({ length: choose(3) }, toCondition) }),
  };

  function toCondition(): Condition {
    const bound = choose(200) - 100;
    return {
      side: (["debit", "credit"] as const)[choose(2)]!,
      field: (["posted", "available", "incoming"] as const)[choose(3)]!,
      op: (["gte", "lte", "gt", "lt", "eq"] as const)[choose(5)]!,
      amountMinor: BigInt(choose(4) === 0 ? 0 : bound),
    };
  }
}

type Choose = (options: number) => number;

function toMove(id: Id, choose: Choose): NewTransfer {
  const debit = 1 + choose(9);
  const sibling = debit < 7 ? 1 + ((debit + choose(5)) % 6) : 7 + ((debit - 6 + choose(2)) % 3);
  const credit = choose(20) === 0 ? 1 + choose(14) : sibling;
  const amount = toAmount(choose);
  const userData = idOf(choose(3));
  const reference = choose(5) === 0 ? { reference: "a reference" } : {};
  return transfer(id, debit, credit, { amount, userData, ...reference });
}

function toAmount(choose: Choose): bigint {
  const kind = choose(40);
  if (kind === 0) return MAX_AMOUNT - BigInt(choose(200));
  return kind < 4 ? 0n : BigInt(choose(100));
}

function toBalancing(choose: Choose): number {
  const [debit, credit] = [Flag.BALANCING_DEBIT, Flag.BALANCING_CREDIT];
  return [debit, credit, debit | credit, 0, 0, 0, 0, 0, 0, 0][choose(10)]!;
}

function toHold(move: NewTransfer, flags: number, nowUs: number, choose: Choose): NewTransfer {
  const [debit, credit] = [Flag.CLOSING_DEBIT, Flag.CLOSING_CREDIT];
  const closing = [debit, credit, debit | credit][choose(40)] ?? 0;
  const timeoutSeconds = choose(99) === 0 ? 10 ** 10 : [0, 0, 1, 2, 3][choose(5)]!;
  const expiry = choose(8) === 0 ? { expiresAtUs: nowUs + choose(4_000_000) - 1_000_000 } : {};
  return { ...move, ...expiry, timeoutSeconds, flags: flags | closing | toBalancing(choose) };
}

function toEnding(
  id: Id,
  linked: number,
  sent: readonly NewTransfer[],
  choose: Choose,
): NewTransfer {
  const isVoid = choose(3) === 0;
  const candidates = choose(12) === 0 ? sent : sent.filter(({ flags }) => (flags & 2) !== 0);
  const pending = candidates.at(-1 - choose(Math.min(candidates.length, 12)));
  const held = pending?.amount ?? 0n;
  const some = choose(8) === 0 ? held + 1n : held / 2n;
  const amount = [isVoid ? 0n : MAX_AMOUNT, isVoid ? 0n : some, held, some][choose(4)]!;
  const isCopy = choose(3) === 0 && pending !== undefined;
  const ending = transfer(id, 0, 0, {
    amount: amount > MAX_AMOUNT ? 0n : amount,
    ledger: 0,
    code: 0,
  });
  const { debitAccountId, creditAccountId, ledger, code } = isCopy ? pending : ending;
  return {
    ...ending,
    debitAccountId,
    creditAccountId,
    ledger,
    code,
    pendingId: pending?.id ?? idOf(77),
    flags: linked | (isVoid ? Flag.VOID_PENDING : Flag.POST_PENDING),
    userData: idOf(choose(3)),
  };
}

/** The same again, or the same but for one field. */
function toRepeated(sent: readonly NewTransfer[], choose: Choose): NewTransfer {
  const event = sent.at(-1 - choose(Math.min(sent.length, 40)))!;
  const zero = { ledger: 0, code: 0, debitAccountId: ZERO_ID, creditAccountId: ZERO_ID };
  const changes: Partial<NewTransfer>[] = [
    { flags: event.flags ^ (1 << choose(9)) },
    { pendingId: idOf(10_000 + choose(sent.length)) },
    { timeoutSeconds: choose(3) },
    { debitAccountId: idOf(choose(12)) },
    { creditAccountId: idOf(choose(12)) },
    { amount: toAmount(choose) },
    { amount: event.amount === MAX_AMOUNT ? 0n : event.amount + 1n },
    { userData: idOf(choose(3)) },
    { ledger: choose(4) },
    { code: choose(3) },
    { ...zero, amount: (event.flags & Flag.VOID_PENDING) === 0 ? MAX_AMOUNT : 0n },
  ];
  return { ...event, ...changes[choose(22)] };
}

/** Anything, sense or not. */
function toOddity(
  id: Id,
  sent: readonly NewTransfer[],
  nowUs: number,
  choose: Choose,
): NewTransfer {
  const ids = [ZERO_ID, MAX_ID, id, id, id, sent[choose(sent.length)]!.id];
  const accounts = [ZERO_ID, MAX_ID, idOf(1), idOf(2), idOf(3), idOf(8), idOf(99)];
  return {
    id: ids[choose(10)] ?? id,
    debitAccountId: accounts[choose(7)]!,
    creditAccountId: accounts[choose(7)]!,
    amount: toAmount(choose),
    pendingId: [ZERO_ID, ZERO_ID, ...ids][choose(8)]!,
    timeoutSeconds: [0, 0, 0, 1, 10 ** 10][choose(5)]!,
    ledger: choose(4),
    code: choose(3),
    flags: choose(3) === 0 ? choose(300) : [0, 2, 4, 8][choose(4)]!,
    userData: ZERO_ID,
    ...(choose(4) === 0 && { expiresAtUs: nowUs + choose(2) * 1_000_000 }),
  };
}
