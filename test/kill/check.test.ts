import { expect, test } from "vitest";
import { check } from "./check.ts";
import type { History, HistoryEvent } from "./history.ts";
import type { AccountRow, LedgerRow, Snapshot } from "./snapshot.ts";

/** Ada gets 100 and has 30 held, of which 20 are taken; a hold of 500 is refused. */
function sound(): { history: HistoryEvent[]; snapshot: Sketch } {
  const event = (type: HistoryEvent["type"], key: string, atMs: number): HistoryEvent => {
    const reply = type === "ok" || type === "fail" ? { reply: `answer to ${key}` } : {};
    return { type, key, kind: key, atMs, effect: `effect ${key}`, ...reply };
  };
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
    ],
    snapshot: {
      effects: [
        { name: "effect charge", seq: 1, accounts, told: "ada charged 100" },
        { name: "effect hold", seq: 2, accounts: held },
        { name: "effect capture", seq: 3, accounts: held, told: "ada paid 20" },
      ],
      rows: [
        row(1, "single", ["world", "ada", 100n]),
        row(2, "pending", ["ada", "sms", 30n]),
        { ...row(3, "post", ["ada", "sms", 20n]), pendingAmount: 30n },
      ],
      accounts: [
        account("world", { debitsPosted: 100n, version: 1 }),
        account("ada", { debitsPosted: 20n, creditsPosted: 100n, version: 3, limited: true }),
        account("sms", { creditsPosted: 20n, version: 2 }),
      ],
      notifications: ["ada charged 100", "ada paid 20"],
      deadLetters: [],
    },
  };
}

test("a sound history breaks nothing", () => {
  expect(broken(sound())).toEqual([]);
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
