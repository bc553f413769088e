import { create } from "@bufbuild/protobuf";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { PayoutAlarm_Kind } from "#gen/mizan/settlement/v1/events_pb.ts";
import { type Payout, Payout_State } from "#gen/mizan/settlement/v1/payout_pb.ts";
import { ImportStatementRequestSchema } from "#gen/mizan/settlement/v1/reconciliation_service_pb.ts";
import { shown } from "../testing/shown.ts";
import { testBank } from "../testing/test-bank.ts";
import { askedFor, testSettlement } from "../testing/test-settlement.ts";
import { callWith } from "../testing/test-statements.ts";
import { askReturns } from "./ask-returns.ts";
import { importStatement } from "./import-statement.ts";
import { judgeAgain } from "./judge-again.ts";
import { listStatementDifferences } from "./list-statement-differences.ts";
import { tellOfStatements } from "./tell-of-statements.ts";

type World = Awaited<ReturnType<typeof testSettlement>>;

/** A payout of 1.00 that is paid, and our reference for it. */
async function paid({ create: ask }: World) {
  const [payout] = (await ask(askedFor())) as [Payout];
  expect(shown(payout).state).toBe("SUCCEEDED");
  return { payoutId: payout.id, ref: payout.attempts[0]!.ourReference };
}

/** Imports lines of today such as "L1,out,<reference>,1.00". */
async function imported({ settlement }: World, ...lines: readonly string[]): Promise<void> {
  const now = new Date().toISOString();
  const rows = lines.map((line) => `${line},IRR,${now}`);
  const csv = ["line_id,direction,reference,amount,asset,booked_at", ...rows].join("\n");
  const names = { requestId: "", provider: "bank", statementDate: now.slice(0, 10) };
  await importStatement(
    settlement,
    create(ImportStatementRequestSchema, { ...names, csv }),
    callWith(),
  );
}

/** What differs, with a star for what is explained, after a look at what has changed. */
async function differences({ settlement }: World): Promise<string[]> {
  await judgeAgain(settlement);
  const page = { pageSize: 100, pageToken: "" };
  const found = await listStatementDifferences(settlement, { showSettled: true }, page);
  return found.differences.map(({ kind, lineId, isSettled }) => {
    return `${kind} ${lineId}${isSettled ? "*" : ""}`;
  });
}

const ask = async ({ settlement, bank }: World) =>
  askReturns(settlement, bank.provider, new AbortController().signal);

/** Lets the time come at which banks are asked again; tells how long that was, in seconds. */
async function wait({ settlement }: World): Promise<number[]> {
  const { rows } = await sql<{ seconds: number }>`
    update statement_difference as line set ask_at = now() from statement_difference as before
    where before.id = line.id and line.ask_at is not null
    returning round(extract(epoch from before.ask_at - now()))::int as seconds`.execute(
    settlement.db.sql,
  );
  return rows.map(({ seconds }) => seconds);
}

test("what came back by the statement alone is returned once the bank is asked", async () => {
  await using world = await testSettlement();
  const { bank, find, changes } = world;
  const { payoutId, ref } = await paid(world);
  await ask(world);
  expect(bank.lookups).toEqual([]);
  bank.sendBack(ref); // and its call-back is lost
  await imported(world, `L1,out,${ref},1.00`, `L2,in,${ref},1.00`);
  expect(await differences(world)).toEqual(["EXTRA L2"]);
  for (let times = 0; times < 3; times += 1) await ask(world);
  expect(bank.lookups).toEqual([[ref]]);
  expect(shown(await find(payoutId))).toMatchObject({ state: "RETURNED", isContradicted: false });
  expect(await differences(world)).toEqual(["EXTRA L2*"]);
  const returned = (await changes()).filter(({ state }) => state === Payout_State.RETURNED);
  expect(returned.map(({ id }) => id)).toEqual([payoutId]);
  expect(await wait(world)).toEqual([]);
  await tellOfStatements(world.settlement, 0);
  expect(await world.alarms()).toEqual([]);
});

test("a bank that says that it has paid leaves the line open, told once, and is asked ever less", async () => {
  await using world = await testSettlement();
  const { bank, find } = world;
  const { payoutId, ref } = await paid(world);
  await imported(world, `L1,out,${ref},1.00`, `L2,in,${ref},1.00`);
  const pauses = [];
  for (let times = 0; times < 13; times += 1) {
    await ask(world);
    await ask(world);
    await tellOfStatements(world.settlement, 0);
    pauses.push(...(await wait(world)));
  }
  expect(pauses.slice(0, 3)).toEqual([60, 120, 240]);
  expect(pauses.slice(-2)).toEqual([86_400, 86_400]);
  expect(bank.lookups).toHaveLength(13);
  expect(shown(await find(payoutId))).toMatchObject({ state: "SUCCEEDED", isContradicted: false });
  expect(await differences(world)).toEqual(["EXTRA L2"]);
  const kinds = (await world.alarms()).map(({ kind }) => kind);
  expect(kinds).toEqual([PayoutAlarm_Kind.STATEMENT_DIFFERS]);
  bank.sendBack(ref); // it was only late
  await ask(world);
  expect(shown(await find(payoutId)).state).toBe("RETURNED");
});

test("a bank that does not answer is asked again, and one line for each of many", async () => {
  await using world = await testSettlement({ banks: [testBank("bank", { maxLookups: 2 })] });
  const { bank, find } = world;
  const all = [await paid(world), await paid(world), await paid(world)];
  for (const { ref } of all) bank.sendBack(ref);
  await imported(world, ...all.map(({ ref }, at) => `L${at},in,${ref},1.00`));
  bank.control.isDumb = true;
  expect(await ask(world)).toBe(false);
  expect(bank.lookups.map((refs) => refs.length)).toEqual([2]);
  bank.control.isDumb = false;
  await wait(world);
  expect(await ask(world)).toBe(true);
  expect(await ask(world)).toBe(false);
  for (const { payoutId } of all) expect(shown(await find(payoutId)).state).toBe("RETURNED");
});

test("nobody is asked about a payment twice of which one came back, nor about strangers", async () => {
  await using world = await testSettlement();
  const { ref } = await paid(world);
  const lines = [`L1,out,${ref},1.00`, `L2,out,${ref},1.00`, `L3,in,${ref},1.00`];
  await imported(world, ...lines, "L4,in,rent,1.00");
  await ask(world);
  expect(world.bank.lookups).toEqual([]);
});
