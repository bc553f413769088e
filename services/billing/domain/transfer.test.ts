import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_AMOUNT } from "#mesh/money.ts";
import { columnsOf } from "./account-columns.ts";
import { createLedger } from "./ledger.ts";
import { idOf, transferOf } from "./ledger-pair.ts";
import { runTable } from "./ledger-table.ts";
import { openPendingsOf } from "./naive-book.ts";
import { transferRules } from "./naive-rules.ts";
import {
  type NewTransfer,
  revertStatuses,
  transferStatuses,
  transientStatuses,
} from "./transfer.ts";

/**
 * Accounts and transfers that can be got wrong in every way. The accounts dr and cr have limits and
 * something in every counter, those with a number less of it; shutDr, shutCr and foreign are closed,
 * and foreign is of asset 2.
 */
const world = `
  account free                 : created
  account free2 ledger=2       : created
  account dr D<C               : created
  account dr2 D<C              : created
  account dr3 D<C              : created
  account dr4 D<C              : created
  account shutDr D<C           : created
  account cr C<D               : created
  account cr2 C<D              : created
  account cr3 C<D              : created
  account cr4 C<D              : created
  account shutCr C<D           : created
  account foreign C<D ledger=2 : created
  set dr c=1000 d=10 dp=10
  set dr2 c=1000 d=10
  set dr3 c=1000 dp=10
  set shutDr c=1000 d=10 dp=10
  set cr d=1000 c=10 cp=10
  set cr2 d=1000 c=10
  set cr3 d=1000 cp=10
  set shutCr d=1000 c=10 cp=10
  set foreign d=1000 c=10 cp=10
  transfer single shutDr shutCr 5 user=U               : created
  transfer open shutDr shutCr 5 PEN                    : created
  transfer halfopen free shutCr 5 PEN                  : created
  transfer posted shutDr shutCr 5 PEN                  : created
  transfer voided shutDr shutCr 5 PEN                  : created
  transfer expired shutDr shutCr 5 PEN timeout=1       : created
  post post1 posted all                                : created
  void void1 voided 0                                  : created
  post burned nothing 0                                : pending_transfer_not_found
  tick 1
  transfer closer shutDr shutCr 0 PEN CLSDR CLSCR      : created
  transfer closer2 free2 foreign 0 PEN CLSCR ledger=2  : created
`;

/** The id of the row that ended the transfer that expired. */
const expiry = `transfer/expire/${idOf("expired")}`;

/** For each status, requests that break its rule and as many of the later ones as go with it. */
const table = [
  `transfer T1 free free 0 LNK : accounts_must_be_different
   transfer zero zero zero all pending=max timeout=1 ledger=0 code=0 flags=321 : linked_event_failed
   transfer zero zero zero all pending=max timeout=1 ledger=0 code=0 : linked_event_failed`,
  `transfer T1 free free 0 LNK : linked_event_failed
   transfer zero zero zero all pending=max timeout=1 ledger=0 code=0 flags=321 : linked_event_chain_open`,

  "transfer single zero zero all pending=max timeout=1 ledger=0 code=0 flags=320 : reserved_flag",
  "transfer zero shutDr foreign all pending=max timeout=1e10 ledger=0 code=0 flags=322 : reserved_flag",
  "transfer max max max 6 pending=posted timeout=1 ledger=2 code=2 flags=268 : reserved_flag",
  "transfer zero zero max all CLSDR pending=max timeout=1 ledger=0 code=0 : id_must_not_be_zero",
  "transfer zero shutDr foreign all PEN pending=max timeout=1e10 ledger=0 code=0 : id_must_not_be_zero",
  "post zero posted 6 PEN timeout=1 debit=max credit=max ledger=2 code=2 : id_must_not_be_zero",
  "post zero zero 6 timeout=1 : id_must_not_be_zero",
  "transfer max zero max all CLSDR pending=max timeout=1 ledger=0 code=0 : id_must_not_be_max",
  "transfer max shutDr foreign all PEN pending=max timeout=1e10 ledger=0 code=0 : id_must_not_be_max",
  "post max posted 6 PEN timeout=1 debit=max credit=max ledger=2 code=2 : id_must_not_be_max",
  "post max max 6 timeout=1 : id_must_not_be_max",

  "transfer single zero max all CLSDR pending=max timeout=1 ledger=0 code=0 user=W : exists_with_different_flags",
  "transfer open shutDr foreign all PEN CLSDR pending=max timeout=1e10 ledger=0 code=0 user=W : exists_with_different_flags",
  "post open posted 6 PEN timeout=1 debit=max credit=max ledger=2 code=2 user=W : exists_with_different_flags",
  `transfer ${expiry} zero max 6 pending=max timeout=1 ledger=0 code=0 user=W : exists_with_different_flags`,
  `transfer ${expiry} shutDr shutCr 5 pending=expired : exists_with_different_flags`,
  "transfer single zero max 6 pending=max timeout=1 ledger=0 code=0 user=W : exists_with_different_pending_id",
  "transfer open shutDr foreign all PEN pending=max timeout=1e10 ledger=0 code=0 user=W : exists_with_different_pending_id",
  "post post1 voided 6 timeout=1 debit=max credit=max ledger=2 code=2 user=W : exists_with_different_pending_id",
  "void void1 void1 6 timeout=1 debit=max credit=max ledger=2 code=2 user=W : exists_with_different_pending_id",
  "transfer single zero zero 6 timeout=1 ledger=0 code=0 user=W : exists_with_different_timeout",
  "transfer open max foreign all PEN timeout=1e10 ledger=0 code=0 user=W : exists_with_different_timeout",
  "post post1 posted 6 timeout=1 debit=max credit=max ledger=2 code=2 user=W : exists_with_different_timeout",
  "transfer single zero zero 6 ledger=0 code=0 user=W : exists_with_different_debit_account_id",
  "transfer open dr foreign all PEN ledger=0 code=0 user=W : exists_with_different_debit_account_id",
  "post post1 posted 6 debit=max credit=max ledger=2 code=2 user=W : exists_with_different_debit_account_id",
  "transfer single shutDr zero 6 ledger=0 code=0 user=W : exists_with_different_credit_account_id",
  "transfer open shutDr foreign all PEN ledger=0 code=0 user=W : exists_with_different_credit_account_id",
  "post post1 posted 6 credit=max ledger=2 code=2 user=W : exists_with_different_credit_account_id",
  "transfer open shutDr shutCr all PEN ledger=0 code=0 user=W : exists_with_different_amount",
  "post post1 posted 6 ledger=2 code=2 user=W : exists_with_different_amount",
  "void void1 voided 4 ledger=2 code=2 user=W : exists_with_different_amount",
  "transfer single shutDr shutCr 5 ledger=0 code=0 user=W : exists_with_different_user_data",
  "post post1 posted all ledger=2 code=2 user=W : exists_with_different_user_data",
  "transfer single shutDr shutCr 5 ledger=0 code=0 user=U : exists_with_different_ledger",
  "post post1 posted all ledger=2 code=2 : exists_with_different_ledger",
  "transfer single shutDr shutCr 5 code=0 user=U : exists_with_different_code",
  "post post1 posted all code=2 : exists_with_different_code",
  "transfer single shutDr shutCr 5 user=U : exists",
  "post post1 posted 5 debit=shutDr credit=shutCr ledger=1 code=1 : exists",
  "void void1 voided 0 : exists",
  "transfer burned zero max all CLSDR pending=max timeout=1 ledger=0 code=0 : id_already_failed",
  "transfer burned shutDr foreign all PEN pending=max timeout=1e10 ledger=0 code=0 : id_already_failed",
  "post burned posted 6 PEN timeout=1 debit=max credit=max ledger=2 code=2 : id_already_failed",
  "void burned burned 6 timeout=1 : id_already_failed",

  "post T posted 6 timeout=1 debit=max credit=max ledger=2 code=2 flags=12 : flags_are_mutually_exclusive",
  "void T single 6 BALDR timeout=1 debit=max credit=max ledger=2 code=2 : flags_are_mutually_exclusive",
  "post T zero 6 PEN timeout=1 : flags_are_mutually_exclusive",
  "post T T 6 CLSDR timeout=1 : flags_are_mutually_exclusive",
  "transfer T zero zero all CLSDR pending=max timeout=1 ledger=0 code=0 : debit_account_id_must_not_be_zero",
  "transfer T zero max all CLSDR pending=max timeout=1 ledger=0 code=0 : debit_account_id_must_not_be_zero",
  "transfer T zero foreign all PEN pending=max timeout=1e10 ledger=0 code=0 : debit_account_id_must_not_be_zero",
  "transfer T max zero all CLSDR pending=max timeout=1 ledger=0 code=0 : debit_account_id_must_not_be_max",
  "transfer T max max all CLSDR pending=max timeout=1 ledger=0 code=0 : debit_account_id_must_not_be_max",
  "transfer T max foreign all PEN pending=max timeout=1e10 ledger=0 code=0 : debit_account_id_must_not_be_max",
  "transfer T nobody zero all CLSDR pending=max timeout=1 ledger=0 code=0 : credit_account_id_must_not_be_zero",
  "transfer T shutDr zero all PEN pending=max timeout=1e10 ledger=0 code=0 : credit_account_id_must_not_be_zero",
  "transfer T nobody max all CLSDR pending=max timeout=1 ledger=0 code=0 : credit_account_id_must_not_be_max",
  "transfer T shutDr max all PEN pending=max timeout=1e10 ledger=0 code=0 : credit_account_id_must_not_be_max",
  "transfer T nobody nobody all CLSDR pending=max timeout=1 ledger=0 code=0 : accounts_must_be_different",
  "transfer T foreign foreign all PEN pending=max timeout=1e10 ledger=0 code=0 : accounts_must_be_different",
  "transfer T shutDr shutDr all PEN pending=max timeout=1e10 ledger=0 code=0 : accounts_must_be_different",
  "transfer T nobody nobody2 all CLSDR pending=single timeout=1 ledger=0 code=0 : pending_id_must_be_zero",
  "transfer T shutDr foreign all PEN pending=open timeout=1e10 ledger=0 code=0 : pending_id_must_be_zero",
  "post T zero 6 timeout=1 : pending_id_must_not_be_zero",
  "post T max 6 timeout=1 : pending_id_must_not_be_max",
  "void T T 6 timeout=1 : pending_id_must_be_different",
  "transfer T nobody nobody2 all CLSDR timeout=1 ledger=0 code=0 : timeout_reserved_for_pending_transfer",
  "transfer T shutDr foreign all CLSDR timeout=1 ledger=0 code=0 : timeout_reserved_for_pending_transfer",
  "post T posted 6 timeout=1 debit=max credit=max ledger=2 code=2 : timeout_reserved_for_pending_transfer",
  "post T nothing 6 timeout=1 : timeout_reserved_for_pending_transfer",
  "transfer T nobody nobody2 all CLSDR ledger=0 code=0 : closing_transfer_must_be_pending",
  "transfer T shutDr foreign all CLSCR ledger=0 code=0 : closing_transfer_must_be_pending",
  "transfer T nobody nobody2 all PEN timeout=1e10 ledger=0 code=0 : ledger_must_not_be_zero",
  "transfer T shutDr foreign all PEN timeout=1e10 ledger=0 code=0 : ledger_must_not_be_zero",
  "transfer T nobody nobody2 all PEN timeout=1e10 ledger=2 code=0 : code_must_not_be_zero",
  "transfer T shutDr foreign all PEN timeout=1e10 ledger=2 code=0 : code_must_not_be_zero",

  "transfer T nobody nobody2 all PEN timeout=1e10 ledger=2 : debit_account_not_found",
  "transfer T nobody shutCr all PEN timeout=1e10 ledger=2 : debit_account_not_found",
  "transfer T shutDr nobody all PEN timeout=1e10 ledger=2 : credit_account_not_found",
  "transfer T shutDr foreign all PEN timeout=1e10 ledger=2 : accounts_must_have_the_same_ledger",
  "transfer T shutDr shutCr all PEN timeout=1e10 ledger=2 : transfer_must_have_the_same_ledger_as_accounts",
  "post T nothing 6 debit=max credit=max ledger=2 code=2 : pending_transfer_not_found",
  "post T single 6 debit=max credit=max ledger=2 code=2 : pending_transfer_not_pending",
  "void T single 4 debit=max credit=max ledger=2 code=2 : pending_transfer_not_pending",
  "post T posted 6 debit=max credit=max ledger=2 code=2 : pending_transfer_has_different_debit_account_id",
  "void T voided 4 debit=max credit=max ledger=2 code=2 : pending_transfer_has_different_debit_account_id",
  "post T voided 6 credit=max ledger=2 code=2 : pending_transfer_has_different_credit_account_id",
  "void T expired 4 credit=max ledger=2 code=2 : pending_transfer_has_different_credit_account_id",
  "post T expired 6 ledger=2 code=2 : pending_transfer_has_different_ledger",
  "void T posted 6 ledger=2 code=2 : pending_transfer_has_different_ledger",
  "post T posted 6 code=2 : pending_transfer_has_different_code",
  "void T open 4 code=2 : pending_transfer_has_different_code",
  "post T posted 6 : exceeds_pending_transfer_amount",
  "post T voided 6 : exceeds_pending_transfer_amount",
  "post T expired 6 : exceeds_pending_transfer_amount",
  "void T posted 6 : exceeds_pending_transfer_amount",
  "void T posted 4 : pending_transfer_has_different_amount",
  "void T voided 4 : pending_transfer_has_different_amount",
  "void T expired 4 : pending_transfer_has_different_amount",
  "post T posted 4 : pending_transfer_already_posted",
  "post T voided 4 : pending_transfer_already_voided",
  "post T expired 4 : pending_transfer_expired",
  "post T open 4 : debit_account_already_closed",
  "transfer T shutDr shutCr all PEN timeout=1e10 : debit_account_already_closed",
  "post T halfopen 4 : credit_account_already_closed",
  "transfer T dr shutCr all PEN timeout=1e10 : credit_account_already_closed",

  "transfer T dr cr all PEN timeout=1e10 : overflows_debits_pending",
  "transfer T dr2 cr all PEN timeout=1e10 : overflows_credits_pending",
  "transfer T dr2 cr2 all PEN timeout=1e10 : overflows_debits_posted",
  "transfer T dr3 cr2 all : overflows_credits_posted",
  "transfer T dr4 cr2 all PEN timeout=1e10 : overflows_credits_posted",
  "transfer T dr cr M-10 PEN timeout=1e10 : overflows_debits",
  "transfer T dr3 cr3 all : overflows_debits",
  "transfer T dr4 cr M-10 PEN timeout=1e10 : overflows_credits",
  "transfer T dr4 cr4 5 PEN timeout=1e10 : overflows_timeout",
  "transfer T dr4 cr4 5 PEN timeout=1 : exceeds_credits",
  "transfer T free cr4 5 PEN timeout=1 : exceeds_debits",
  "transfer T free cr 5 PEN timeout=1 dv=99 if=debit.available.gt.0 : version_mismatch",
  "transfer T free cr 5 PEN timeout=1 cv=99 if=debit.available.gt.0 : version_mismatch",
  "transfer T free cr 5 PEN timeout=1 dv=1 cv=3 if=debit.available.gt.0 : condition_not_met",
  "transfer T free cr 5 PEN timeout=1 dv=1 cv=3 if=debit.available.eq.-10 : created",
];

/** Wishes that no account of the world fulfils: of all rules those of them come last. */
const unmet = " dv=99 cv=99 if=debit.posted.gt.M-0";

/** Adds them to each request that is refused for something before. */
function withUnmet(rows: string): string {
  const isPlain = (line: string) => !/: (version_mismatch|condition_not_met|created)$/.test(line);
  const lines = rows.split("\n");
  return lines
    .map((line) => (isPlain(line) ? line.replace(" : ", `${unmet} : `) : line))
    .join("\n");
}

test.each(table)("L03: %s", (rows) => {
  expect(runTable(`${world}\ncommit\n${withUnmet(rows)}`).deviations).toEqual([]);
});

test("L03: every status has a row, and the rows stand in the order of the statuses", () => {
  const rows = table.map((row) => transferStatuses.indexOf(/: (\w+)$/.exec(row)![1] as "created"));
  expect([...new Set(rows)]).toEqual(transferStatuses.map((_status, index) => index));
});

test("L03: whatever rules a transfer breaks, the first of them is the answer", () => {
  const { naive, nowUs, deviations } = runTable(world);
  expect(deviations).toEqual([]);
  fc.assert(
    fc.property(request, (event) => {
      const { accounts, failed, rows, lastAtUs } = naive.book;
      const ledger = createLedger({
        ledgers: new Set([1, 2]),
        accounts: columnsOf(accounts.map(({ id }) => naive.account(id)!)),
        openPendings: structuredClone(openPendingsOf(naive.book)),
        lastSeq: rows.length,
        lastAtUs,
        lastSlot: accounts.length,
      });
      ledger.learn(
        rows.map(({ id }) => naive.transfer(id)!),
        failed,
      );
      const [{ status }] = ledger.createTransfers([event], nowUs) as [{ status: string }];
      const [first = "created"] = naive.violations(event, nowUs);
      expect(status).toBe(first);
    }),
    { numRuns: 5000 },
  );
});

test("docs/ledger.md tells every status, its number on the wire, and whether it burns the id", () => {
  const page = readFileSync(new URL("../../../docs/ledger.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| (\d+) \| `(\w+)` \| [^|]+ \|([^|]*)\|$/gm)];
  const told = rows.map(([, number, status, burns]) => [Number(number), status, burns!.trim()]);
  const all = [...transferStatuses, ...revertStatuses];
  expect(told).toEqual(
    all.map((status, place) => [place + 1, status, transientStatuses.has(status) ? "yes" : ""]),
  );
});

test("the statuses of the table of rules are those of transfers, in the same order", () => {
  const rules = transferRules.map(([status]) => status);
  expect(["linked_event_failed", "linked_event_chain_open", ...rules, "created"]).toEqual(
    transferStatuses,
  );
});

const limited = ["dr", "dr2", "dr3", "dr4", "cr", "cr2", "cr3", "cr4"];
const accounts = fc.constantFrom(
  "zero",
  "max",
  "nobody",
  "nobody2",
  "free",
  "shutDr",
  "shutCr",
  "foreign",
  ...limited,
);
const transfers = ["single", "open", "halfopen", "posted", "voided", "expired", "post1", expiry];

/** Anything that can be asked for in the world of the table. */
const request = fc
  .record({
    name: fc.constantFrom("zero", "max", "T", "T", "T", "T", ...transfers, "void1", "burned"),
    debit: accounts,
    credit: accounts,
    amount: fc.constantFrom(0n, 4n, 5n, 6n, MAX_AMOUNT - 10n, MAX_AMOUNT),
    pending: fc.constantFrom("zero", "zero", "max", "T", "nothing", ...transfers),
    timeoutSeconds: fc.constantFrom(0, 0, 1, 1e10),
    ledger: fc.constantFrom(0, 1, 1, 2),
    code: fc.constantFrom(0, 1, 1, 2),
    flags: fc.constantFrom(0, 2, 2, 4, 4, 8, 8, 6, 12, 16, 24, 48, 64, 66, 68, 128, 130, 256, 300),
    user: fc.constantFrom("zero", "U"),
    wishes: fc.constantFrom<Partial<NewTransfer>>(
      {},
      { expectedDebitVersion: 0 },
      { expectedCreditVersion: 3 },
      { conditions: [{ side: "debit", field: "available", op: "lt", amountMinor: 0n }] },
    ),
  })
  .map(({ name, debit, credit, pending, user, wishes, ...more }) =>
    transferOf(name, debit, credit, {
      ...more,
      ...wishes,
      pendingId: idOf(pending),
      userData: idOf(user),
    }),
  );
