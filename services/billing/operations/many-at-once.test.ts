import { expect, test } from "vitest";
import { hexOf, newId, ZERO_ID } from "#mesh/ids.ts";
import { AccountFlags } from "../domain/account.ts";
import { createLedger } from "../domain/ledger.ts";
import { type NewTransfer, TransferFlags, type TransferResult } from "../domain/transfer.ts";
import { testBilling } from "../testing/test-billing.ts";
import {
  accountNamed,
  countersOf,
  findFaults,
  make,
  open,
  transferOf,
} from "../testing/test-ledger.ts";
import { createTransfers } from "./create-transfers.ts";

const CALLERS = 50;
const limited = {
  ...accountNamed("limited"),
  flags: AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS,
};

/** A unit that goes along with the one that is wanted: both or none. */
function chain(): NewTransfer[] {
  return [transferOf("c", "d", { flags: TransferFlags.LINKED }), transferOf("limited", "b")];
}

const LINKS = 2;

test("L6 IDEM-1 in each of 1,000 rounds fifty requests with one id have one effect", async () => {
  await using world = await testBilling();
  const { billing, db } = world;
  const { writer } = billing;
  await open(writer, "a", "b");
  const round = async () => {
    const transfer = transferOf("a", "b");
    return outcomeOf(Array.from({ length: CALLERS }, async () => make(writer, transfer)));
  };
  for (let wave = 0; wave < 50; wave += 1) {
    const rounds = await Promise.all(Array.from({ length: 20 }, round));
    expect(new Set(rounds)).toEqual(new Set([ONE_EFFECT]));
  }
  expect(await countersOf(writer, "a")).toMatchObject({ debitsPosted: 1000n, version: 1000 });
  expect(await findFaults(db)).toEqual([]);
}, 30_000);

test("L6 TRF-7 fifty calls with one id have one effect, and all of them its answer", async () => {
  await using world = await testBilling();
  const { billing } = world;
  await open(billing.writer, "a", "b");
  for (let round = 1; round <= 50; round += 1) {
    const { ledger: _, ...transfer } = transferOf("a", "b");
    const request = { ...transfer, asset: "IRR", amount: "0.01", isAll: false };
    const calls = Array.from({ length: CALLERS }, async () =>
      createTransfers(billing, [request], {}),
    );
    expect(await outcomeOf(calls)).toBe(ONE_EFFECT);
    const debits = (await Promise.all(calls)).map(([result]) => result!.debit!.debitsPosted);
    expect(new Set(debits)).toEqual(new Set([BigInt(round)]));
  }
}, 30_000);

/** How many of the calls have made a transfer, and how many transfers they are answered with. */
async function outcomeOf(calls: readonly Promise<readonly TransferResult[]>[]): Promise<string> {
  const results = (await Promise.all(calls)).map(([result]) => result!);
  const made = results.filter(({ status }) => status === "created");
  const seqs = new Set(results.map(({ transfer }) => transfer!.seq));
  return `${made.length} made, ${seqs.size} answered`;
}

const ONE_EFFECT = "1 made, 1 answered";

test("L2 in each of 10,000 rounds one of fifty chains gets the last unit", () => {
  const ledger = createLedger({
    ledgers: new Set([1]),
    accounts: [],
    openPendings: [],
    lastSeq: 0,
    lastAtUs: 0,
    lastSlot: 0,
  });
  ledger.createAccounts([limited, ...["a", "b", "c", "d"].map(accountNamed)], 1);
  const outcomes = new Set<string>();
  let id = 0;
  const named = (event: NewTransfer) => ({
    ...event,
    id: (id += 1).toString(16).padStart(32, "0"),
  });
  const templates = Array.from({ length: CALLERS }, chain).flat();
  for (let round = 1; round <= 10_000; round += 1) {
    ledger.createTransfers([named(transferOf("a", "limited"))], round);
    const results = ledger.createTransfers(templates.map(named), round);
    const made = results.filter(({ status }) => status === "created");
    const refused = results.filter(({ status }) => status === "exceeds_credits");
    outcomes.add(`${made.length} ${refused.length}`);
    ledger.takeChanges();
  }
  expect(outcomes).toEqual(new Set([`${LINKS} ${CALLERS - 1}`]));
  const counters = (name: string) => ledger.account(accountNamed(name).id);
  expect(counters("limited")).toMatchObject({ debitsPosted: 10_000n, creditsPosted: 10_000n });
  expect(counters("d")).toMatchObject({ creditsPosted: 10_000n, version: 10_000 });
  expect(ledger.lastSeq).toBe(30_000);
}, 30_000);

test("L2 WR-1 in each of 200 rounds one of fifty chains gets the last unit, and is stored", async () => {
  await using world = await testBilling();
  const { billing, db } = world;
  const { writer } = billing;
  await open(writer, "a", "b", "c", "d");
  await writer.submit({
    eventCount: 1,
    decide: ({ ledger, atUs }) => ledger.createAccounts([limited], atUs),
  });
  for (let round = 1; round <= 200; round += 1) {
    await make(writer, transferOf("a", "limited", { id: hexOf(newId()), pendingId: ZERO_ID }));
    const chains = Array.from({ length: CALLERS }, async () => make(writer, ...chain()));
    const made = (await Promise.all(chains)).filter(([first]) => first!.status === "created");
    expect(made).toHaveLength(1);
  }
  expect(await countersOf(writer, "limited")).toMatchObject({
    debitsPosted: 200n,
    creditsPosted: 200n,
  });
  expect(await countersOf(writer, "d")).toMatchObject({ creditsPosted: 200n, version: 200 });
  expect(await findFaults(db)).toEqual([]);
}, 30_000);
