import { expect, test } from "vitest";
import { accountOf, createLedgerPair, idOf, transferOf } from "./ledger-pair.ts";
import { runTable } from "./ledger-table.ts";
import { revertRules } from "./naive-revert.ts";
import { revertStatuses, TransferFlags, TransferKinds, transientStatuses } from "./transfer.ts";

/** The id of the row that ended the transfer that expired. */
const expiry = `transfer/expire/${idOf("expired")}`;

/**
 * Transfers to revert. Their mirrors break the rule that they are named after and those after it:
 * the accounts dr are debited by them, the accounts cr credited, and both have limits; what came in
 * has been spent, and the full ones have no room for more.
 */
const world = `
  account free      : created
  account rich      : created
  account dr D<C    : created
  account cr C<D    : created
  account cr2 C<D   : created
  account dr3 D<C   : created
  account cr3 C<D   : created
  account shutDr D<C : created
  account shutCr C<D : created
  account fullDr D<C : created
  account fullCr C<D : created
  account heldDr D<C : created
  account heldCr C<D : created
  account sink1     : created
  account sink2     : created
  account sink3     : created
  account sink4     : created
  transfer single free rich 5                : created
  transfer open free rich 5 PEN              : created
  transfer held free rich 5 PEN              : created
  post posted held 3                         : created
  transfer held2 free rich 5 PEN             : created
  void voided held2 0                        : created
  transfer expired free rich 5 PEN timeout=1 : created
  transfer mirrored free rich 7              : created
  revert mirror mirrored                     : created 7
  revert burned nothing                      : original_not_found
  transfer limits cr dr 9                    : created
  transfer limits2 dr free 9                 : created
  transfer limits3 free cr 9                 : created
  transfer limit cr2 free 9                  : created
  transfer limit2 free cr2 9                 : created
  transfer shut shutCr shutDr 9              : created
  transfer shut2 shutDr free 9               : created
  transfer shut3 free shutCr 9               : created
  transfer gone shutCr shutDr 0              : created
  revert gone2 gone                          : created 0
  transfer half cr3 dr3 9                    : created
  transfer half2 dr3 free 9                  : created
  transfer half3 free cr3 9                  : created
  transfer full fullCr fullDr 6              : created
  transfer full2 fullCr free 6               : created
  transfer full3 sink1 fullDr M-6            : created
  transfer full4 fullDr sink2 M-3            : created
  transfer full5 fullCr sink1 M-12           : created
  transfer full6 sink2 fullCr M-3            : created
  transfer sum heldCr heldDr 6               : created
  transfer sum2 heldCr free 6                : created
  transfer sum3 sink3 heldDr M-6             : created
  transfer sum4 heldDr sink4 M-3 PEN         : created
  transfer sum5 heldCr sink3 M-12            : created
  transfer sum6 sink4 heldCr M-3 PEN         : created
  tick 1
  transfer closer shutDr shutCr 0 PEN CLSDR CLSCR : created
  transfer closer3 free cr3 0 PEN CLSCR           : created
`;

/** For each status, reverts that break its rule and as many of the later ones as go with it. */
const table = [
  "revert zero nothing : id_must_not_be_zero",
  "revert zero gone : id_must_not_be_zero",
  "revert max nothing : id_must_not_be_max",
  "revert max shut : id_must_not_be_max",
  "revert open nothing : exists_with_different_flags",
  "revert posted posted : exists_with_different_flags",
  `revert ${expiry} gone : exists_with_different_flags`,
  "revert single nothing : exists_with_different_pending_id",
  "revert single single : exists_with_different_pending_id",
  "revert mirror gone : exists_with_different_pending_id",
  "revert mirror mirrored : exists 7",
  "revert burned nothing : id_already_failed",
  "revert burned gone : id_already_failed",
  "revert R nothing : original_not_found",
  "revert R R : original_not_found",
  "revert R open : original_not_revertible",
  "revert R held : original_not_revertible",
  "revert R voided : original_not_revertible",
  `revert R ${expiry} : original_not_revertible`,
  "revert R mirror : original_not_revertible",
  "revert R gone2 : original_not_revertible",
  "revert R gone : already_reverted",
  "revert R mirrored : already_reverted",
  "revert R shut : debit_account_already_closed",
  "revert R half : credit_account_already_closed",
  "revert R full : overflows_debits_posted",
  "revert R full2 : overflows_credits_posted",
  "revert R sum : overflows_debits",
  "revert R sum2 : overflows_credits",
  "revert R limits : exceeds_credits",
  "revert R limit : exceeds_debits",
  "revert R single : created 5",
  "revert R posted : created 3",
];

test.each(table)("EXT-3 %s", (row) => {
  expect(runTable(`${world}\ncommit\n${row}`).deviations).toEqual([]);
});

test("EXT-3 every status of a revert has a row, and the rows stand in the order of the rules", () => {
  const neverOfSingles = /_pending$|_timeout$/;
  const rules = revertRules.map(([status]) => status);
  const rows = table.map((row) => / : (\w+)/.exec(row)![1]);
  const statuses = rules.filter((status) => !neverOfSingles.test(status));
  expect([...new Set(rows)]).toEqual([...statuses, "created"]);
  const own = rules.indexOf("original_not_found");
  expect(rules.slice(own - 1, own + 3)).toEqual(["id_already_failed", ...revertStatuses]);
});

test("EXT-3 IDEM-3 only an original that is not there yet, and what other reverts burn, burns the id", () => {
  expect(revertStatuses.filter((status) => transientStatuses.has(status))).toEqual([
    "original_not_found",
  ]);
  expect(
    runTable(`
    account A1 D<C : created
    account A2     : created
    revert R1 T1               : original_not_found
    transfer T1 A2 A1 5        : created
    revert R1 T1               : id_already_failed
    transfer T2 A1 A2 1        : created
    revert R2 T1               : exceeds_credits
    transfer T3 A2 A1 1        : created
    revert R2 T1               : id_already_failed
    transfer T4 A2 A1 2 PEN    : created
    revert R3 T4               : original_not_revertible
    revert R3 T1               : created 5
    revert R4 T1               : already_reverted
    revert R4 T2               : created 1
    lookup A1 cp=2 d=6 c=7
    lookup A2 dp=2 d=7 c=6
  `).deviations,
  ).toEqual([]);
});

test("EXT-3 the mirror of what was posted leaves the hold alone, and a refund of it too", () => {
  expect(
    runTable(`
    account A1 D<C : created
    account A2     : created
    set A1 c=100
    transfer H A1 A2 50 PEN    : created
    post P H 30                : created 30
    transfer refund A2 A1 10   : created
    revert R P                 : created 30
    lookup A1 d=30 c=140
    lookup A2 d=40 c=30
    post P H 30                : exists 30
    post P2 H 30               : pending_transfer_already_posted
    revert R2 refund           : created 10
    lookup A1 d=40 c=140
  `).deviations,
  ).toEqual([]);
});

test("EXT-3 a mirror names its original, has its reason and user data, and moves what it moved", () => {
  const pair = createLedgerPair();
  pair.createAccounts([accountOf("A1"), accountOf("A2")]);
  const more = { amount: 8n, code: 7, userData: idOf("U"), flags: TransferFlags.LINKED };
  const events = [transferOf("T1", "A1", "A2", more), transferOf("T2", "A1", "A2")];
  const [made] = pair.createTransfers(events);
  const original = made!.transfer!;
  pair.nowUs += 5_000_000;
  const answer = pair.revert({ id: idOf("R1"), originalId: idOf("T1"), reference: "a mistake" });
  expect(answer.transfer).toMatchObject({
    seq: 3,
    kind: TransferKinds.SINGLE,
    flags: 0,
    code: 7,
    userData: idOf("U"),
    amount: 8n,
    debitSlot: original.creditSlot,
    creditSlot: original.debitSlot,
    revertsId: idOf("T1"),
    revertsAtUs: original.atUs,
    atUs: pair.nowUs,
    reference: "a mistake",
  });
  expect(answer.credit).toMatchObject({ debitsPosted: 8n, creditsPosted: 8n, version: 3 });
  expect(original.revertedAtUs).toBe(pair.nowUs);
  const [again] = pair.createTransfers([transferOf("R1", "A2", "A1", { ...more, flags: 0 })]);
  expect(again?.status).toBe("exists_with_different_pending_id"); // a mirror is no other transfer
});

test("EXT-3 CHAIN-7 what is due expires before a revert", () => {
  expect(
    runTable(`
    account A1 D<C : created
    account A2     : created
    transfer T1 A2 A1 5           : created
    transfer T2 A1 A2 5 PEN timeout=1 : created
    revert R1 T1                  : exceeds_credits
    tick 1
    revert R2 T1                  : created 5
    lookup A1 d=5 c=5
  `).deviations,
  ).toEqual([]);
});

test("EXT-3 memory that has forgotten an original learns that it was reverted", () => {
  const pair = createLedgerPair();
  pair.createAccounts([accountOf("A1"), accountOf("A2")]);
  pair.createTransfers([transferOf("T1", "A1", "A2", { amount: 1n })]);
  pair.revert({ id: idOf("R1"), originalId: idOf("T1") });
  const { transfers } = pair.ledger.takeChanges();
  const other = createLedgerPair();
  other.createAccounts([accountOf("A1"), accountOf("A2")]);
  expect(other.ledger.unknownIds([{ id: idOf("R2"), pendingId: idOf("T1") }])).toHaveLength(2);
  other.ledger.learn(transfers, []);
  const late = other.ledger.revert({ id: idOf("R2"), originalId: idOf("T1") }, other.nowUs);
  expect(late.status).toBe("already_reverted");
});

test("EXT-3 the worked example of docs/ledger.md is true", () => {
  expect(
    runTable(`
    account world   : created
    account ada D<C : created
    account revenue : created
    transfer T1 world ada 1000      : created
    transfer T2 ada revenue 300     : created
    revert R1 T2                    : created 300
    lookup ada d=300 c=1300
    lookup revenue d=300 c=300
    revert R1 T2                    : exists 300
    revert R2 T2                    : already_reverted
    revert R3 R1                    : original_not_revertible
    transfer T3 ada revenue 100     : created
    revert R4 T1                    : exceeds_credits
    revert R4 T3                    : id_already_failed
    revert R5 T3                    : created 100
    lookup ada d=400 c=1400
    lookup revenue d=400 c=400
  `).deviations,
  ).toEqual([]);
});

test("EXT-3 FLOW-5 a capture of which something was refunded is not revertible, and burns nothing", () => {
  const pair = createLedgerPair();
  pair.createAccounts([accountOf("A"), accountOf("B")]);
  const [pendingId, post] = [idOf("hold"), { flags: TransferFlags.POST_PENDING, amount: 3n }];
  pair.createTransfers([
    transferOf("hold", "A", "B", { amount: 5n, flags: TransferFlags.PENDING }),
    transferOf("capture", "A", "B", { ...post, pendingId }),
  ]);
  const rows = [
    pair.ledger.transfer(idOf("capture"))!,
    pair.naive.book.rows.find(({ id }) => id === idOf("capture"))!,
  ];
  const revert = { id: idOf("R"), originalId: idOf("capture") };
  for (const row of rows) row.refunded = 1n;
  expect(pair.revert(revert)).toEqual({ status: "original_not_revertible" });
  for (const row of rows) delete row.refunded;
  expect(pair.revert(revert).status).toBe("created");
});
