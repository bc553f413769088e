import { strict as assert } from "node:assert";
import { expect, test } from "vitest";
import { derivedId } from "#mesh/ids.ts";
import { MAX_BATCH_EVENTS } from "#mesh/limits.ts";
import { fromMinor, MAX_AMOUNT, toMinor } from "#mesh/money.ts";
import { accountOf, createLedgerPair, idOf, transferOf } from "./ledger-pair.ts";
import { runTable } from "./ledger-table.ts";
import { TransferFlags, TransferKinds } from "./transfer.ts";

test("L01 CHAIN-2 CHAIN-4: a chain of accounts is opened as a whole or not at all", () => {
  const { ledger, deviations } = runTable(`
    account A1 LNK : linked_event_failed
    account A2 LNK : linked_event_failed
    account A1 LNK : exists
    account A3     : linked_event_failed
    commit
    account A1     : created
    commit
    account A4 LNK : linked_event_failed
    account A5 LNK : linked_event_chain_open
    commit
    account A6 LNK : linked_event_chain_open
  `);
  expect(deviations).toEqual([]);
  for (const name of ["A2", "A3", "A4", "A5", "A6"]) {
    expect(ledger.account(idOf(name))).toBeUndefined();
  }
  expect(ledger.account(idOf("A1"))).toMatchObject({ slot: 1, version: 0 });
});

test("L02 CHAIN-1 CHAIN-3: a refused chain leaves nothing to the events after it", () => {
  expect(
    runTable(`
    account A1 D<C : created
    account A2     : created
    set A1 c=20
    transfer T1 A1 A2 15 LNK     : linked_event_failed
    transfer T2 A1 A2 5 ledger=0 : ledger_must_not_be_zero
    transfer T3 A1 A2 15         : created
    lookup A1 d=15 c=20
    lookup A2 c=15
  `).deviations,
  ).toEqual([]);
});

test("L04 IDEM-1 IDEM-2: the same id with another body answers with what differs first", () => {
  const { ledger, naive, deviations } = runTable(`
    account A1 : created
    account A3 : created
    transfer T5 A1 A3 123 PEN timeout=1        : created
    commit
    transfer T5 A1 A3 123 PEN timeout=1        : exists 123
    transfer T5 A3 A1 123 PEN timeout=1        : exists_with_different_debit_account_id
    transfer T5 A1 A3 124 PEN timeout=1        : exists_with_different_amount
    transfer T5 A1 A3 123 PEN timeout=1 user=U : exists_with_different_user_data
    transfer T5 A1 A3 123 PEN timeout=2        : exists_with_different_timeout
    transfer T5 A1 A3 123 PEN timeout=1 code=2 : exists_with_different_code
    transfer T5 A1 A3 123 PEN timeout=1 ledger=2 : exists_with_different_ledger
    transfer T5 A1 A3 123                      : exists_with_different_flags
    transfer T5 A1 A3 all PEN timeout=1 code=2 : exists_with_different_amount
    lookup A1 dp=123
    lookup A3 cp=123
  `);
  expect(deviations).toEqual([]);
  expect(ledger.lastSeq).toBe(1);
  expect(naive.book.rows).toHaveLength(1);
});

test("L05 IDEM-3: a refusal by the state burns the id, a refusal by the chain does not", () => {
  expect(
    runTable(`
    account A1 D<C : created
    account A3     : created
    set A1 c=100
    transfer T3 A1 A3 101    : exceeds_credits
    transfer T3 A1 A3 50     : id_already_failed
    transfer T5 A1 A3 60 LNK : linked_event_failed
    transfer T6 A1 A3 60     : exceeds_credits
    transfer T5 A1 A3 60     : created
    transfer T6 A1 A3 1      : id_already_failed
    lookup A1 d=60 c=100
    lookup A3 c=60
  `).deviations,
  ).toEqual([]);
});

test("L06 TRF-3: a hold is posted, voided or expires, once and for its amount at most", () => {
  expect(
    runTable(`
    account A1 : created
    account A2 : created
    transfer T1 A1 A2 15                  : created
    transfer T2 A1 A2 15 PEN timeout=1000 : created
    transfer T3 A1 A2 15 PEN timeout=50   : created
    transfer T4 A1 A2 15 PEN timeout=1    : created
    transfer T5 A1 A2 7 PEN timeout=50    : created
    transfer T6 A1 A2 1 PEN               : created
    transfer T7 A1 A2 1 PEN               : created
    lookup A1 dp=54 d=15
    tick 1
    lookup A1 dp=39 d=15
    post P2 T2 13       : created 13
    lookup A1 dp=24 d=28
    post P2 T2 13       : exists 13
    post P2 T2 14       : exists_with_different_amount
    void V0 unknown 0   : pending_transfer_not_found
    void V0 T2 0        : id_already_failed
    void V1 T1 0        : pending_transfer_not_pending
    void V2 T3 16       : exceeds_pending_transfer_amount
    void V3 T3 14       : pending_transfer_has_different_amount
    post P3 T2 13       : pending_transfer_already_posted
    void V4 T3 15       : created 15
    lookup A1 dp=9 d=28
    post P4 T3 13       : pending_transfer_already_voided
    void V5 T4 15       : pending_transfer_expired
    post P5 T5 8        : exceeds_pending_transfer_amount
    post P6 T5 all      : created 7
    lookup A1 dp=2 d=35
    post P6 T5 7        : exists 7
    post P6 T5 6        : exists_with_different_amount
    post P7 T6 all      : created 1
    lookup A1 dp=1 d=36
    post P8 T7 0        : created 0
    lookup A1 d=36
    post P8 T7 1        : exists_with_different_amount
    lookup A1 d=36
    lookup A2 c=36
  `).deviations,
  ).toEqual([]);
});

test("L07 EXT-4: a hold that has expired is never shown as held", () => {
  expect(
    runTable(`
    account A1 : created
    account A2 : created
    transfer T1 A1 A2 10 PEN           : created
    transfer T2 A1 A2 11 PEN timeout=1 : created
    transfer T3 A1 A2 12 PEN timeout=2 : created
    transfer T4 A1 A2 13 PEN timeout=3 : created
    lookup A1 dp=46
    tick 1
    lookup A1 dp=35
    tick 1
    lookup A1 dp=23
    tick 1
    lookup A1 dp=10
    post P1 T1 all : created
    post P2 T2 all : pending_transfer_expired
    lookup A1 d=10
    lookup A2 c=10
  `).deviations,
  ).toEqual([]);
});

test("L08 ACC-3: a hold counts against the limit at once", () => {
  expect(
    runTable(`
    account A1 D<C : created
    account A2     : created
    set A1 c=100 d=70
    transfer T1 A1 A2 50 PEN : exceeds_credits
    transfer T2 A1 A2 30 PEN : created
    transfer T3 A1 A2 1      : exceeds_credits
    lookup A1 dp=30 d=70 c=100
  `).deviations,
  ).toEqual([]);
  runTable(`
    account A1 D<C : created
    account A2     : created
    set A1 c=5000
    transfer T1 A1 A2 1000 PEN : created
    transfer T2 A1 A2 1000 PEN : created
    transfer T3 A1 A2 1000 PEN : created
    transfer T4 A1 A2 1000 PEN : created
    transfer T5 A1 A2 1000 PEN : created
    transfer T6 A1 A2 1000 PEN : exceeds_credits
    lookup A1 dp=5000 c=5000
  `);
});

test("L09 TRF-1: a balancing debit takes what is there, up to its cap", () => {
  expect(
    runTable(`
    account A1 D<C : created
    account A2     : created
    set A1 c=10 dp=1
    transfer T1 A1 A2 3 BALDR  : created 3
    transfer T2 A1 A2 13 BALDR : created 6
    transfer T3 A1 A2 1 BALDR  : created 0
    transfer T2 A1 A2 6 BALDR  : exists 6
    transfer T2 A1 A2 13 BALDR : exists 6
    transfer T2 A1 A2 5 BALDR  : exists_with_different_amount
    lookup A1 dp=1 d=9 c=10
  `).deviations,
  ).toEqual([]);
});

const potluck = (c3: number, [last, others]: [last: string, others: string]) => `
  account A1 D<C : created
  account A2 D<C : created
  account A3 D<C : created
  account A4     : created
  account A5 D<C : created
  account A6     : created
  set A1 c=40
  set A2 c=40
  set A3 c=${c3}
  transfer T1 A4 A5 100 LNK             : ${others}
  transfer T2 A1 A4 100 BALDR BALCR LNK : ${others}
  transfer T3 A2 A4 100 BALDR BALCR LNK : ${others}
  transfer T4 A3 A4 100 BALDR BALCR LNK : ${others}
  transfer T5 A4 A6 100 LNK             : ${others}
  transfer T6 A5 A4 all BALCR           : ${last}
`;

test("L10 CHAIN-3: a chain of balancing transfers collects exactly what is wanted, or nothing", () => {
  expect(
    runTable(`
    ${potluck(21, ["created 100", "created"])}
    lookup A1 d=40 c=40
    lookup A2 d=40 c=40
    lookup A3 d=20 c=21
    lookup A4 d=200 c=200
    lookup A5 d=100 c=100
    lookup A6 c=100
  `).deviations,
  ).toEqual([]);
  runTable(`
    ${potluck(19, ["exceeds_credits", "linked_event_failed"])}
    lookup A1 c=40
    lookup A2 c=40
    lookup A3 c=19
    lookup A4
    lookup A5
    lookup A6
  `);
});

test("L11 ACC-8: a closing hold closes its account until it is voided or expires", () => {
  expect(
    runTable(`
    account A1 : created
    account A2 : created
    transfer T1 A1 A2 15          : created
    transfer T2 A1 A2 0 CLSDR     : closing_transfer_must_be_pending
    transfer T2 A1 A2 0 CLSDR PEN : created
    lookup A1 d=15 closed
    transfer T3 A1 A2 5           : debit_account_already_closed
    transfer T4 A2 A1 5           : credit_account_already_closed
    post T5 T2 all                : debit_account_already_closed
    void T6 T2 0                  : created
    lookup A1 d=15
    transfer T7 A1 A2 5           : created
    lookup A1 d=20
    transfer T8 A1 A2 10 PEN timeout=1      : created
    transfer T9 A1 A2 10 PEN                : created
    transfer T10 A1 A2 0 CLSCR PEN timeout=2 : created
    post T11 T9 all               : credit_account_already_closed
    lookup A2 cp=20 c=20 closed
    void T12 T9 0                 : created
    lookup A2 cp=10 c=20 closed
    tick 1
    lookup A2 c=20 closed
    tick 1
    lookup A2 c=20
  `).deviations,
  ).toEqual([]);
});

test("L12: a counter that would pass 2^128 - 1 is refused and never wraps", () => {
  expect(
    runTable(`
    account A1 : created
    account A3 : created
    set A1 dp=100 d=200
    set A3 cp=110 c=210
    transfer T1 A1 A3 M-99 PEN  : overflows_debits_pending
    transfer T2 A1 A3 M-109 PEN : overflows_credits_pending
    transfer T3 A1 A3 M-199 PEN : overflows_debits_posted
    transfer T4 A1 A3 M-209 PEN : overflows_credits_posted
    transfer T5 A1 A3 M-299 PEN : overflows_debits
    transfer T6 A1 A3 M-319 PEN : overflows_credits
    lookup A1 dp=100 d=200
    lookup A3 cp=110 c=210
    transfer T7 A1 A3 M-320 PEN : created
    lookup A3 cp=M-210 c=210
  `).deviations,
  ).toEqual([]);
});

test("L12: an amount of 39 digits survives JSON both ways", () => {
  const text = JSON.stringify({ amount: fromMinor(MAX_AMOUNT, 0) });
  expect(text).toHaveLength('{"amount":""}'.length + 39);
  expect(toMinor((JSON.parse(text) as { amount: string }).amount, 0)).toBe(MAX_AMOUNT);
});

test("CHAIN-1 events are applied strictly in order, and a bad one fails alone", () => {
  expect(
    runTable(`
    account A1 D<C : created
    account A2 D<C : created
    account A3     : created
    transfer T1 A1 A2 5 : exceeds_credits
    transfer T2 A3 A1 5 : created
    transfer T3 A1 A2 5 : created
    transfer T4 A2 A3 6 : exceeds_credits
    transfer T5 A2 A3 5 : created
    lookup A1 d=5 c=5
    lookup A2 d=5 c=5
    lookup A3 d=5 c=5
  `).deviations,
  ).toEqual([]);
});

test("CHAIN-2 CHAIN-4 a chain ends at the first event without the flag, and an open one fails", () => {
  expect(
    runTable(`
    account A1 : created
    account A2 : created
    transfer T1 A1 A2 1 LNK : created
    transfer T2 A1 A2 2     : created
    transfer T3 A1 A2 4     : created
    transfer T4 A1 A2 8 LNK : linked_event_failed
    transfer T5 A1 A2 16 LNK : linked_event_chain_open
    commit
    transfer T5 A1 A2 16 LNK : linked_event_chain_open
    lookup A1 d=7
    transfer T4 A1 A2 8     : created
  `).deviations,
  ).toEqual([]);
});

test("CHAIN-7 what is due has expired before the first event of a batch, a link of a chain too", () => {
  const { ledger, deviations } = runTable(`
    account A1 D<C : created
    account A2     : created
    set A1 c=10
    transfer H1 A1 A2 4 PEN timeout=2       : created
    transfer H2 A1 A2 6 PEN timeout=1 CLSDR : created
    tick 2
    transfer T1 A1 A2 10 LNK                : linked_event_failed
    post P1 H1 all LNK                      : pending_transfer_expired
    transfer T2 A1 A2 0                     : linked_event_failed
    transfer T3 A1 A2 10                    : created
    lookup A1 d=10 c=10
  `);
  expect(deviations).toEqual([]);
  const ends = ledger.takeChanges().transfers.filter(({ kind }) => kind === TransferKinds.EXPIRE);
  expect(ends.map(({ pendingId }) => pendingId)).toEqual(["H2", "H1"].map(idOf));
});

test("ACC-2 ACC-3 both limits hold at once, and awaited money counts for neither", () => {
  expect(
    runTable(`
    account A1 D<C : created
    account A2 C<D : created
    account A3     : created
    set A1 c=10
    set A2 d=8
    transfer T1 A1 A2 9       : exceeds_debits
    transfer T2 A1 A2 11      : exceeds_credits
    transfer T3 A3 A1 5 PEN   : created
    transfer T4 A2 A3 5 PEN   : created
    transfer T5 A1 A3 11      : exceeds_credits
    transfer T6 A3 A2 9       : exceeds_debits
    transfer T7 A1 A2 8       : created
    transfer T8 A3 A2 1       : exceeds_debits
    lookup A1 d=8 c=10 cp=5
    lookup A2 d=8 c=8 dp=5
  `).deviations,
  ).toEqual([]);
});

test("ACC-5 the version rises by one with each transfer, post, void and expiry, also of nothing", () => {
  const { ledger, deviations } = runTable(`
    account A1 : created
    account A2 : created
    transfer T1 A1 A2 0               : created
    transfer H1 A1 A2 0 PEN           : created
    transfer H2 A1 A2 0 PEN           : created
    transfer H3 A1 A2 0 PEN timeout=1 : created
    post P1 H1 0                      : created
    void V2 H2 0                      : created
    revert R1 T1                      : created
    transfer T1 A1 A2 0               : exists
    tick 1
    lookup A1
  `);
  expect(deviations).toEqual([]);
  expect(["A1", "A2"].map((name) => ledger.account(idOf(name))?.version)).toEqual([8, 8]);
});

test("CHAIN-3 CHAIN-5 a chain spans assets, and takes a hold back with all that was done to it", () => {
  const { ledger, deviations } = runTable(`
    account A1 D<C : created
    account A2 : created
    account B1 ledger=2 : created
    account B2 ledger=2 : created
    set A1 c=10
    transfer H1 A1 A2 4 PEN timeout=9 : created
    commit
    post P1 H1 3 LNK                  : linked_event_failed
    transfer H2 A1 A2 7 PEN CLSDR LNK : linked_event_failed
    void V2 H2 0 LNK                  : linked_event_failed
    transfer T1 B1 B2 5 ledger=2 LNK  : linked_event_failed
    transfer T2 A1 A2 8               : exceeds_credits
    commit
    lookup A1 dp=4 c=10
    lookup B1
    post P1 H1 3 LNK                  : created 3
    transfer T1 B1 B2 5 ledger=2 LNK  : created
    transfer H2 A1 A2 7 PEN CLSDR     : created
    lookup A1 dp=7 d=3 c=10 closed
    lookup B1 d=5
  `);
  expect(deviations).toEqual([]);
  expect(ledger.account(idOf("A1"))?.version).toBe(4);
});

test("CHAIN-6 a chain that comes again as a whole exists, one that is mixed fails where it was stored", () => {
  const { ledger, deviations } = runTable(`
    account A1 : created
    account A2 : created
    transfer T1 A1 A2 1 LNK : created
    transfer T2 A1 A2 2     : created
    commit
    transfer T1 A1 A2 1 LNK : exists 1
    transfer T2 A1 A2 2     : exists 2
    commit
    transfer T3 A1 A2 3 LNK : linked_event_failed
    transfer T1 A1 A2 1 LNK : exists 1
    transfer T2 A1 A2 2     : linked_event_failed
    commit
    transfer T4 A1 A2 3 LNK : linked_event_failed
    transfer T4 A1 A2 3 LNK : exists
    transfer T2 A1 A2 2     : linked_event_failed
    lookup A1 d=3
    lookup A2 c=3
  `);
  expect(deviations).toEqual([]);
  expect(ledger.lastSeq).toBe(2);
});

test("CHAIN-3 a copy of a transfer that was undone with its chain shows no transfer", () => {
  const pair = createLedgerPair();
  pair.createAccounts([accountOf("A1"), accountOf("A2")]);
  const event = transferOf("T1", "A1", "A2", { amount: 1n, flags: TransferFlags.LINKED });
  const [, copy] = pair.createTransfers([event, event, transferOf("T2", "A1", "A2")]);
  expect(copy).toEqual({ status: "exists" });
});

test("IDEM-2 a wished expiry becomes whole seconds, the same ones for a late retry", () => {
  const pair = createLedgerPair();
  pair.createAccounts([accountOf("A1"), accountOf("A2")]);
  const { PENDING } = TransferFlags;
  const hold = (name: string, expiresAtUs: number) =>
    transferOf(name, "A1", "A2", { flags: PENDING, expiresAtUs });
  const soon = hold("T1", pair.nowUs + 1_500_000);
  const late = hold("T2", pair.nowUs - 1);
  const first = pair.createTransfers([soon, late]).map(({ transfer }) => transfer?.timeoutSeconds);
  expect(first).toEqual([2, 1]);
  pair.nowUs += 1_999_000;
  const again = pair.createTransfers([soon, late, hold("T1", pair.nowUs + 900_000)]);
  expect(again.map(({ status }) => status)).toEqual([
    "exists",
    "exists",
    "exists_with_different_timeout",
  ]);
  expect(again[1]?.transfer?.resolution).toBe("expired");
});

test("only a pending transfer may wish for an end", () => {
  const pair = createLedgerPair();
  pair.createAccounts([accountOf("A1"), accountOf("A2")]);
  const expiresAtUs = pair.nowUs + 5_000_000;
  const results = pair.createTransfers([
    transferOf("T1", "A1", "A2", { expiresAtUs }),
    transferOf("T2", "A1", "A2", { flags: TransferFlags.PENDING, expiresAtUs }),
    transferOf("T3", "zero", "zero", {
      flags: TransferFlags.POST_PENDING,
      pendingId: idOf("T2"),
      expiresAtUs,
    }),
  ]);
  expect(results.map(({ status }) => status)).toEqual([
    "timeout_reserved_for_pending_transfer",
    "created",
    "timeout_reserved_for_pending_transfer",
  ]);
});

test("TRF-6 the time of rows grows strictly, whatever the clock does", () => {
  const pair = createLedgerPair();
  pair.createAccounts([accountOf("A1"), accountOf("A2")]);
  const start = pair.ledger.lastAtUs;
  const two = (name: string) => [transferOf(name, "A1", "A2"), transferOf(`${name}b`, "A2", "A1")];
  const times = [0, -5_000_000, 10].flatMap((stepUs) => {
    pair.nowUs += stepUs;
    return pair.createTransfers(two(`at ${pair.nowUs}`)).map(({ transfer }) => transfer!.atUs);
  });
  expect(times.map((atUs) => atUs - start)).toEqual([1, 2, 3, 4, 5, 6]);
  pair.nowUs += 9_000_000;
  expect(pair.createTransfers([transferOf("T9", "A1", "A2")])[0]?.transfer?.atUs).toBe(pair.nowUs);
});

test("TRF-6 a clock that went back makes no hold last longer", () => {
  const pair = createLedgerPair();
  pair.createAccounts([accountOf("A1"), accountOf("A2")]);
  const more = { flags: TransferFlags.PENDING, timeoutSeconds: 1, amount: 5n };
  const [held] = pair.createTransfers([transferOf("T1", "A1", "A2", more)]);
  const dueUs = held!.transfer!.atUs + 1_000_000;
  expect(pair.ledger.nextExpiryUs()).toBe(dueUs);
  pair.nowUs = dueUs - 1;
  pair.createTransfers([transferOf("T2", "A1", "A2"), transferOf("T3", "A1", "A2")]);
  pair.nowUs = dueUs - 500_000;
  const [late] = pair.createTransfers([
    transferOf("T4", "zero", "zero", { flags: TransferFlags.POST_PENDING, pendingId: idOf("T1") }),
  ]);
  expect(late?.status).toBe("pending_transfer_expired");
  expect(pair.ledger.nextExpiryUs()).toBeUndefined();
});

test("expiries can be taken in portions, the earliest first", () => {
  const { ledger, nowUs } = runTable(`
    account A1 : created
    account A2 : created
    transfer T1 A1 A2 1 PEN timeout=2 : created
    transfer T2 A1 A2 2 PEN timeout=1 : created
    transfer T3 A1 A2 4 PEN timeout=1 : created
    transfer T4 A1 A2 8 PEN           : created
  `);
  const laterUs = nowUs + 60_000_000;
  expect(ledger.expireDue(laterUs, 2)).toBe(2);
  expect(ledger.account(idOf("A1"))?.debitsPending).toBe(9n);
  expect(ledger.expireDue(laterUs)).toBe(1);
  expect(ledger.expireDue(laterUs)).toBe(0);
  const ends = ledger.takeChanges().transfers.slice(4);
  expect(ends.map(({ pendingId }) => pendingId)).toEqual(["T2", "T3", "T1"].map(idOf));
  expect(ends[0]).toMatchObject({
    id: derivedId(`transfer/expire/${idOf("T2")}`),
    kind: TransferKinds.EXPIRE,
    amount: 2n,
    flags: 0,
    pendingAtUs: nowUs + 3,
    atUs: laterUs,
  });
});

test("CHAIN-1 amounts, timeouts and batches that no caller may send end the call before anything moves", () => {
  const pair = createLedgerPair();
  const { ledger, nowUs } = pair;
  pair.createAccounts([accountOf("A1"), accountOf("A2")]);
  const good = transferOf("T0", "A1", "A2", { amount: 1n });
  for (const bad of [
    { amount: -1n },
    { amount: MAX_AMOUNT + 1n },
    { timeoutSeconds: -1 },
    { timeoutSeconds: 0.5 },
  ]) {
    const events = [good, transferOf("T1", "A1", "A2", bad)];
    expect(() => ledger.createTransfers(events, nowUs)).toThrow(/is not/);
  }
  const tooMany = Array.from({ length: MAX_BATCH_EVENTS + 1 }, () => good);
  expect(() => ledger.createTransfers(tooMany, nowUs)).toThrow(assert.AssertionError);
  expect(() =>
    ledger.createAccounts(
      Array.from({ length: MAX_BATCH_EVENTS + 1 }, () => accountOf("A1")),
      1,
    ),
  ).toThrow(assert.AssertionError);
  expect(ledger.lastSeq).toBe(0);
  expect(ledger.createTransfers(tooMany.slice(1), nowUs)).toHaveLength(MAX_BATCH_EVENTS);
});

test("a ledger whose change was interrupted answers nothing any more", () => {
  const { ledger, nowUs } = createLedgerPair();
  ledger.createAccounts([accountOf("A1"), accountOf("A2")], nowUs);
  const first = transferOf("T1", "A1", "A2", { amount: 1n });
  const broken = {
    ...transferOf("T2", "A1", "A2"),
    get debitAccountId(): string {
      throw new Error("a fault in the program");
    },
  };
  expect(() => ledger.createTransfers([first, broken], nowUs)).toThrow(/fault/);
  expect(() => ledger.takeChanges()).toThrow(/made anew/);
  expect(() => ledger.createTransfers([first], nowUs)).toThrow(/made anew/);
  expect(() => ledger.expireDue(nowUs)).toThrow(/made anew/);
});

test("ACC-6 an account is the same again whatever chain opened it and whether it was closed since", () => {
  const { ledger, deviations } = runTable(`
    account A1 D<C user=U LNK : created
    account A2 user=U         : created
    transfer T1 A1 A2 0 PEN CLSDR : created
    commit
    account A1 D<C user=U     : exists
    account A1 user=U code=2  : exists_with_different_flags
    account A1 D<C code=2     : exists_with_different_user_data
    account A1 D<C user=U ledger=2 code=2 : exists_with_different_ledger
    account A1 D<C user=U code=2 : exists_with_different_code
  `);
  expect(deviations).toEqual([]);
  expect(ledger.accountsOf(idOf("U")).map(({ id }) => id)).toEqual(["A1", "A2"].map(idOf));
  expect(ledger.accountsOf(idOf("V"))).toEqual([]);
});

test("ACC-2 every status of an account comes before all later ones", () => {
  const { deviations } = runTable(`
    account A1 user=U : created
    commit
    account A2 flags=17                    : reserved_flag
    account zero flags=17 ledger=0 code=0  : linked_event_failed
    account zero flags=16 ledger=0 code=0  : linked_event_failed
    commit
    account zero flags=8 ledger=0 code=0   : reserved_flag
    account zero D<C C<D ledger=0 code=0   : id_must_not_be_zero
    account max D<C C<D ledger=9 code=0    : id_must_not_be_max
    account A1 D<C C<D ledger=9 code=0     : exists_with_different_flags
    account A1 ledger=9 code=0             : exists_with_different_user_data
    account A1 ledger=9 code=0 user=U      : exists_with_different_ledger
    account A1 code=0 user=U               : exists_with_different_code
    account A1 user=U                      : exists
    account A2 D<C C<D ledger=0 code=0     : flags_are_mutually_exclusive
    account A2 D<C ledger=0 code=0         : ledger_must_not_be_zero
    account A2 D<C ledger=9 code=0         : ledger_not_found
    account A2 D<C code=0                  : code_must_not_be_zero
    account A2 D<C                         : created
    account A3 LNK                         : linked_event_failed
    account zero flags=9                   : linked_event_chain_open
  `);
  expect(deviations).toEqual([]);
});

test("the worked example of docs/ledger.md is true", () => {
  const { deviations } = runTable(`
    account world   : created
    account ada D<C : created
    account revenue : created
    transfer T1 world ada 1000                : created
    lookup ada c=1000
    transfer T2 ada revenue 300 PEN timeout=60 : created
    lookup ada dp=300 c=1000
    transfer T3 ada revenue 800               : exceeds_credits
    post T4 T2 120                            : created 120
    lookup ada d=120 c=1000
    post T4 T2 120                            : exists 120
    void T5 T2 0                              : pending_transfer_already_posted
    transfer T3 ada revenue 800               : id_already_failed
    transfer T6 ada revenue 800               : created
    lookup ada d=920 c=1000
    lookup revenue c=920
  `);
  expect(deviations).toEqual([]);
});
