import { expect, test } from "vitest";
import { MAX_AMOUNT, fromMinor, toMinor } from "#mesh/money.ts";
import { idOf } from "./ledger-pair.ts";
import { runTable } from "./ledger-table.ts";

test("L01: a chain of accounts is opened as a whole or not at all", () => {
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

test("L02: a refused chain leaves nothing to the events after it", () => {
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

test("L04: the same id with another body answers with what differs first", () => {
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

test("L05: a refusal by the state burns the id, a refusal by the chain does not", () => {
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

test("L06: a hold is posted, voided or expires, once and for its amount at most", () => {
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

test("L07: a hold that has expired is never shown as held", () => {
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

test("L08: a hold counts against the limit at once", () => {
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

test("L09: a balancing debit takes what is there, up to its cap", () => {
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

test("L10: a chain of balancing transfers collects exactly what is wanted, or nothing", () => {
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

test("L11: a closing hold closes its account until it is voided or expires", () => {
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
