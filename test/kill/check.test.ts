import { expect, test } from "vitest";
import { check } from "./check.ts";
import type { History, HistoryEvent } from "./history.ts";
import type { AccountRow, LedgerRow, Payment, Snapshot, TextRow } from "./snapshot.ts";

/**
 * Ada gets 100 and has 30 held, of which 20 are taken; a hold of 500 is refused. Then she sends
 * three texts for 5 each: one arrives, one is given back, and one was refused by the provider.
 */
function sound(): { history: HistoryEvent[]; snapshot: Sketch } {
  const event = (type: HistoryEvent["type"], key: string, atMs: number): HistoryEvent => {
    const reply = type === "ok" || type === "fail" ? { reply: `answer to ${key}` } : {};
    return { type, key, kind: key, atMs, effect: `effect ${key}`, ...reply };
  };
  const [arrived, givenBack, unsent] = textIds;
  const accounts = ["world", "ada"];
  const held = ["ada", "sms"];
  return {
    history: [
      event("invoke", "charge", 1),
      event("info", "charge", 2),
      event("invoke", "charge", 3),
      event("ok", "charge", 4),
      event("invoke", "hold", 5),
      event("ok", "hold", 6),
      event("invoke", "large", 7),
      event("fail", "large", 8),
      event("invoke", "capture", 9),
      event("ok", "capture", 10),
      event("invoke", "unknown", 11),
      event("info", "unknown", 12),
      { ...event("invoke", "three", 13), kind: "batch" },
      { ...event("ok", "three", 14), kind: "batch", reply: textIds.join(" ") },
    ],
    snapshot: {
      effects: [
        { name: "effect charge", seq: 1, accounts, told: "ada charged 100" },
        { name: "effect hold", seq: 2, accounts: held },
        { name: "effect capture", seq: 3, accounts: held, told: "ada paid 20" },
        { name: "transfer 5", seq: 5, accounts: held, told: "ada paid 10", chunk: "c1" },
        { name: "transfer 8", seq: 8, accounts: held, told: "ada released 5", chunk: "c2" },
        { name: "effect three" },
      ],
      rows: [
        row(1, "single", ["world", "ada", 100n]),
        row(2, "pending", ["ada", "sms", 30n]),
        { ...row(3, "post", ["ada", "sms", 20n]), pendingAmount: 30n },
        paying("reserve", "c1", row(4, "pending", ["ada", "sms", 10n])),
        { ...paying("capture", "c1", row(5, "post", ["ada", "sms", 10n])), pendingAmount: 10n },
        paying("refund", "c1", row(6, "single", ["sms", "ada", 5n]), givenBack),
        paying("reserve", "c2", row(7, "pending", ["ada", "sms", 5n])),
        { ...paying("release", "c2", row(8, "void", ["ada", "sms", 0n])), pendingAmount: 5n },
      ],
      accounts: [
        account("world", { debitsPosted: 100n, version: 1 }),
        account("ada", { debitsPosted: 30n, creditsPosted: 105n, version: 8, limited: true }),
        account("sms", { creditsPosted: 30n, debitsPosted: 5n, version: 7 }),
      ],
      notifications: ["ada charged 100", "ada paid 20", "ada paid 10", "ada released 5"],
      deadLetters: [],
      texts: [
        textRow(arrived, "c1", { state: "DELIVERED", charge: "CAPTURED" }),
        textRow(givenBack, "c1", { state: "FAILED", charge: "REFUNDED", receiver: "989351234567" }),
        textRow(unsent, "c2", { ...refusedByProvider, receiver: "989361234567" }),
      ],
      received: [arrived, givenBack],
      refusals: [],
    },
  };
}

const textIds = ["a", "b", "c"].map((digit) => `0190000${digit}-0000-7000-8000-000000000000`) as [
  ...[arrived: string, givenBack: string, unsent: string],
];
const refusedByProvider = { state: "FAILED", charge: "RELEASED", isSent: false };

test("a sound history breaks nothing", () => {
  expect(broken(sound())).toEqual([]);
});

test("a hold that came to nothing is nobody's business", () => {
  const { history, snapshot } = sound();
  for (const name of ["reserve", "release"]) snapshot.effects.push({ name, undone: "reserve" });
  expect(broken({ history, snapshot })).toEqual([]);
});

test.each<[sentence: string, damage: (story: Story) => unknown]>([
  ["what was acknowledged has happened", ({ snapshot }) => remove(snapshot, "capture")],
  ["what was refused has not happened", ({ snapshot }) => add(snapshot, "large")],
  ["nothing happened that nobody asked for", ({ snapshot }) => add(snapshot, "surprise")],
  ["every key had one effect at most", ({ snapshot }) => add(snapshot, "charge")],
  [
    "debits and credits of every asset are equal",
    ({ snapshot }) => (snapshot.accounts[2]!.creditsPosted += 1n),
  ],
  ["every balance is the fold of its rows", ({ snapshot }) => snapshot.accounts[0]!.version++],
  ["the sequence has no gap", ({ snapshot }) => (snapshot.rows[2]!.seq = 4)],
  ["no limited account was ever overdrawn", ({ snapshot }) => (snapshot.rows[1]!.seq = 0)],
  [
    "the same key had the same answer",
    ({ history }) => history.push({ ...history[3]!, reply: "another answer" }),
  ],
  [
    "what was acknowledged before another call began stands before it",
    ({ snapshot }) => ([snapshot.effects[0]!.seq, snapshot.effects[1]!.seq] = [2, 1]),
  ],
  ["every event was told exactly once", ({ snapshot }) => snapshot.notifications.pop()],
  [
    "every event was told exactly once",
    ({ snapshot }) => snapshot.notifications.push("ada paid 20"),
  ],
  ["every event was told exactly once", ({ snapshot }) => snapshot.notifications.push("bo paid 1")],
  ["no event was given up", ({ snapshot }) => snapshot.deadLetters.push("core gave up a charge")],
  ["every text that was taken has ended", damaged(0, { state: "SENT" })],
  ["no text that was acknowledged is lost", ({ snapshot }) => snapshot.texts.pop()],
  ["no text that was acknowledged is lost", damaged(0, { state: "REJECTED" })],
  [
    "no text that was acknowledged is lost",
    ({ snapshot }) => snapshot.texts.push(textRow("another", "c1", { key: "three" })),
  ],
  ["every text has ended as the provider was told", damaged(0, { state: "EXPIRED" })],
  ["every text has ended as the provider was told", damaged(1, { receiver: "989121234567" })],
  [
    "the provider received every text exactly once",
    ({ snapshot }) => snapshot.received.push(textIds[0]),
  ],
  ["the provider received every text exactly once", ({ snapshot }) => snapshot.received.pop()],
  [
    "the provider received every text exactly once",
    ({ snapshot }) => snapshot.received.push(textIds[2]),
  ],
  [
    "the provider received every text exactly once",
    ({ snapshot }) => snapshot.received.push("somebody's"),
  ],
  [
    "every text is paid for once, or not at all when it failed",
    ({ snapshot }) => snapshot.rows.push({ ...snapshot.rows[4]!, seq: 9 }),
  ],
  [
    "every text is paid for once, or not at all when it failed",
    ({ snapshot }) => snapshot.rows.splice(4, 1),
  ],
  [
    "every text is paid for once, or not at all when it failed",
    ({ snapshot }) => (snapshot.rows[4]!.amount = 9n),
  ],
  ["the money of every text is where its end says", damaged(0, { charge: "RELEASED" })],
  ["the money of every text is where its end says", damaged(2, { charge: "CAPTURED" })],
  [
    "every price that was given back was given back once",
    ({ snapshot }) => snapshot.rows.push({ ...snapshot.rows[5]!, seq: 9 }),
  ],
  ["every price that was given back was given back once", damaged(1, { price: 4n })],
  [
    "every price that was given back was given back once",
    ({ snapshot }) => snapshot.rows.splice(5, 1),
  ],
  [
    "the ledger refused nothing that was decided for a text",
    ({ snapshot }) => snapshot.refusals.push("REFUND c1 HOLD_NOT_FOUND"),
  ],
  [
    "nothing happened that nobody asked for",
    ({ snapshot }) => snapshot.effects.push({ name: "release", undone: "effect hold" }),
  ],
  ["no price of a text stays reserved", ({ snapshot }) => snapshot.rows.splice(7, 1)],
  [
    "every balance is what came in, less the price of the texts",
    ({ snapshot }) => (snapshot.accounts[1]!.debitsPosted += 1n),
  ],
])("a history that breaks it is found: %s", (sentence, damage) => {
  const story = sound();
  damage(story);
  expect(broken(story)).toContain(sentence);
});

type Story = ReturnType<typeof sound>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Sketch = { -readonly [K in keyof Snapshot]: Mutable<Snapshot[K][number]>[] };

function broken({ history, snapshot }: { history: History; snapshot: Snapshot }): string[] {
  return [...check(history, snapshot)]
    .filter(([, violations]) => violations.length > 0)
    .map(([sentence]) => sentence);
}

function remove(snapshot: Sketch, key: string): void {
  snapshot.effects = snapshot.effects.filter(({ name }) => name !== `effect ${key}`);
}

function add(snapshot: Sketch, key: string): void {
  snapshot.effects.push({ name: `effect ${key}` });
}

/** Changes one of the texts. */
function damaged(index: number, change: Partial<TextRow>): (story: Story) => void {
  return ({ snapshot }) => void Object.assign(snapshot.texts[index]!, change);
}

function paying(kind: Payment["kind"], chunk: string, of: LedgerRow, text?: string): LedgerRow {
  return { ...of, payment: { kind, chunk, ...(text !== undefined && { text }) } };
}

/** A text of the batch; it is known to the provider by its id. */
function textRow(id: string, chunk: string, rest: Partial<TextRow>): TextRow {
  const usual = { state: "DELIVERED", charge: "CAPTURED", price: 5n, isSent: true };
  const who = { account: "ada", key: "three", receiver: "989121234567" };
  return { id, ref: id, chunk, ...usual, ...who, ...rest };
}

function row(
  seq: number,
  kind: LedgerRow["kind"],
  [debit, credit, amount]: [debit: string, credit: string, amount: bigint],
): LedgerRow {
  return { seq, kind, debit, credit, amount, pendingAmount: 0n };
}

function account(id: string, counters: Partial<AccountRow>): AccountRow {
  const zero = { debitsPending: 0n, debitsPosted: 0n, creditsPending: 0n, creditsPosted: 0n };
  return { id, asset: "IRR", limited: false, version: 0, ...zero, ...counters };
}
