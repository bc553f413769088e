import { expect, test } from "vitest";
import { runTable } from "./ledger-table.ts";

const accounts = `
  account A1 : created
  account A2 : created
  set A1 c=100 d=30 dp=20
  set A2 c=10 d=40 cp=5
  commit
`;

/** Each balance as a transfer of 7 would leave it: the bound that it meets, and the one beside it. */
const balances = [
  { flags: "", wish: "debit.posted", is: 63 },
  { flags: "", wish: "debit.available", is: 43 },
  { flags: "", wish: "debit.incoming", is: 0 },
  { flags: "", wish: "credit.posted", is: -23 },
  { flags: "", wish: "credit.available", is: -23 },
  { flags: "", wish: "credit.incoming", is: 5 },
  { flags: "PEN", wish: "debit.posted", is: 70 },
  { flags: "PEN", wish: "debit.available", is: 43 },
  { flags: "PEN", wish: "credit.posted", is: -30 },
  { flags: "PEN", wish: "credit.incoming", is: 12 },
];

test.each(balances)("EXT-1 $wish of a transfer with flags '$flags' is $is after it", (one) => {
  const { flags, wish, is } = one;
  const rows = [
    [`eq.${is}`, `eq.${is + 1}`],
    [`gt.${is - 1}`, `gt.${is}`],
    [`gte.${is}`, `gte.${is + 1}`],
    [`lt.${is + 1}`, `lt.${is}`],
    [`lte.${is}`, `lte.${is - 1}`],
  ];
  for (const [met, unmet] of rows) {
    const table = `${accounts}
      transfer T1 A1 A2 7 ${flags} if=${wish}.${unmet} : condition_not_met
      transfer T2 A1 A2 7 ${flags} if=${wish}.${met} : created 7`;
    expect(runTable(table).deviations).toEqual([]);
  }
});

test("EXT-1 all conditions must hold, and a refusal moves nothing and burns the id", () => {
  expect(
    runTable(`${accounts}
    transfer T1 A1 A2 50 if=debit.available.gte.1,credit.posted.gte.20 : condition_not_met
    transfer T2 A1 A2 50 if=debit.available.gte.0,credit.posted.gte.21 : condition_not_met
    lookup A1 dp=20 d=30 c=100
    lookup A2 cp=5 d=40 c=10
    transfer T1 A1 A2 50             : id_already_failed
    transfer T3 A1 A2 50 if=debit.available.gte.0,credit.posted.gte.20 : created
    lookup A1 dp=20 d=80 c=100
  `).deviations,
  ).toEqual([]);
});

test("EXT-1 the wishes are no part of what a retry has to say again (IDEM-2)", () => {
  expect(
    runTable(`${accounts}
    transfer T1 A1 A2 50 dv=3 if=debit.available.gte.0 : created
    commit
    transfer T1 A1 A2 50                               : exists
    transfer T1 A1 A2 50 dv=3 if=debit.available.gte.0 : exists
    transfer T1 A1 A2 50 dv=9 if=debit.available.gte.9 : exists
    transfer T1 A1 A2 51 dv=9 if=debit.available.gte.9 : exists_with_different_amount
  `).deviations,
  ).toEqual([]);
});

test("EXT-1 versions are those before the transfer, and are judged before the conditions", () => {
  expect(
    runTable(`${accounts}
    transfer T1 A1 A2 1 dv=2                          : version_mismatch
    transfer T2 A1 A2 1 cv=4 if=debit.posted.lt.-99   : version_mismatch
    transfer T3 A1 A2 1 dv=3 cv=3                     : created
    transfer T4 A1 A2 1 dv=3 cv=3                     : version_mismatch
    transfer T4 A1 A2 1                               : id_already_failed
    transfer T5 A1 A2 0 dv=4 cv=4                     : created
    transfer T6 A1 A2 0 dv=5 cv=5                     : created
  `).deviations,
  ).toEqual([]);
});

test("EXT-1 CHAIN-3 in a chain the wishes see what the links before have done", () => {
  expect(
    runTable(`${accounts}
    transfer T1 A1 A2 50 LNK dv=3 : linked_event_failed
    transfer T2 A1 A2 1 dv=3      : version_mismatch
    commit
    transfer T1 A1 A2 50 LNK dv=3 if=debit.available.eq.0  : created
    transfer T3 A1 A2 1 dv=4 cv=4 if=debit.available.eq.-1 : created
  `).deviations,
  ).toEqual([]);
});

test("EXT-1 posts and voids are judged too, by what the hold leaves behind", () => {
  expect(
    runTable(`
    account A1 : created
    account A2 : created
    set A1 c=100
    transfer H1 A1 A2 40 PEN : created
    post P1 H1 30 dv=1                       : version_mismatch
    post P2 H1 30 if=debit.available.eq.60   : condition_not_met
    post P3 H1 30 if=credit.incoming.gt.0    : condition_not_met
    void V1 H1 0 if=debit.available.lt.100   : condition_not_met
    void V2 H1 0 cv=0                        : version_mismatch
    post P4 H1 30 dv=2 cv=1 if=debit.available.eq.70,credit.incoming.eq.0,credit.posted.eq.30 : created
    transfer H2 A1 A2 40 PEN CLSDR : created
    void V3 H2 0 dv=4 if=debit.available.eq.70,credit.incoming.eq.0,credit.posted.eq.30 : created
    lookup A1 d=30 c=100
  `).deviations,
  ).toEqual([]);
});

test("EXT-1 a balancing transfer is judged by what it really moves", () => {
  expect(
    runTable(`${accounts}
    transfer T1 A1 A2 all BALDR if=debit.available.lt.0  : condition_not_met
    transfer T2 A1 A2 all BALDR if=debit.available.eq.0  : created 50
  `).deviations,
  ).toEqual([]);
});

test("EXT-1 ACC-4 of a debit-normal account the bounds change their sign and their direction", () => {
  expect(
    runTable(`
    account custody : created
    account user D<C : created
    set custody d=500
    transfer T1 user custody 0 if=credit.posted.lte.-501 : condition_not_met
    transfer T2 user custody 0 if=credit.posted.lte.-500 : created
  `).deviations,
  ).toEqual([]);
});

test("EXT-1 the worked example of docs/ledger.md is true", () => {
  expect(
    runTable(`
    account world   : created
    account ada     : created
    account revenue : created
    transfer T1 world ada 1000                        : created
    transfer T2 ada revenue 300 if=debit.available.gte.800 : condition_not_met
    transfer T3 ada revenue 300 if=debit.available.gte.700 : created
    transfer T4 ada revenue 100 dv=1                  : version_mismatch
    transfer T4 ada revenue 100 dv=2                  : id_already_failed
    transfer T5 ada revenue 100 dv=2                  : created
    transfer T5 ada revenue 100 dv=2                  : exists
    lookup ada d=400 c=1000
  `).deviations,
  ).toEqual([]);
});
