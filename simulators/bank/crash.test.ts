import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { temporaryFolder } from "#mesh/testing/folder.ts";
import type { Received } from "./received.ts";
import type { Change } from "./settings.ts";
import { startProcess } from "../testing/start-process.ts";

type Answer = { readonly results: readonly { status: string; bank_reference?: string }[] };

/** The simulators as a process of their own, and the first bank of them. */
async function start(store: string) {
  const simulators = await startProcess({ BANK_STORE: store, BANK_KEY: "a-key" });
  const origin = `${simulators.origin}/bank`;
  const headers = { authorization: "Bearer a-key" };
  return {
    send: async (references: readonly string[], own: object = {}) => {
      const transfers = references.map((reference) => ({
        reference,
        account: "IR1,\n",
        amount: "10.00",
        asset: "IRR",
        description: "a payout",
        ...own,
      }));
      const body = JSON.stringify({ transfers });
      const response = await fetch(`${origin}/v1/transfers`, { method: "POST", headers, body });
      return ((await response.json()) as Answer).results;
    },
    find: async (references: readonly string[]) => {
      const list = references.join(",");
      const response = await fetch(`${origin}/v1/transfers?references=${list}`, { headers });
      return ((await response.json()) as Answer).results;
    },
    statement: async () => {
      const date = new Date().toISOString().slice(0, 10);
      return (await fetch(`${origin}/control/statement?date=${date}`)).text();
    },
    received: async () => (await (await fetch(`${origin}/control/received`)).json()) as Received,
    change: async (change: Change) => {
      await fetch(`${origin}/control`, { method: "PATCH", body: JSON.stringify(change) });
    },
    kill: simulators.kill,
    [Symbol.asyncDispose]: simulators.kill,
  };
}

test("what a bank has paid survives kill -9, with its ends, its balance and its statement", async () => {
  using folder = temporaryFolder();
  const store = join(folder.path, "bank");
  await using before = await start(store);
  const paid = await before.send(["a", "b"]);
  await before.change({ balance: "500.00" });
  await before.change({
    rules: [
      { reference: "returned", second: "RETURNED", secondDelayMs: 0 },
      { reference: "rejected", outcome: "reject", code: "BLOCKED" },
      { reference: "waits", outcome: "accept", endDelayMs: 600, toldAmount: "7.00" },
      { reference: "comes back", outcome: "accept" },
      { reference: "lost", fault: "lost" },
    ],
    lines: [{ direction: "in", reference: "somebody", amount: "3.00" }],
  });
  await before.send(["returned", "rejected", "waits"]);
  await before.send(["lost"]).catch(() => undefined);
  await vi.waitFor(async () => {
    expect(await before.find(["returned"])).toMatchObject([{ status: "RETURNED" }]);
  });
  const known = await before.received();
  const statement = await before.statement();
  await before.kill();
  appendFileSync(store, '["p",999,"cut"'); // a line that a crash has cut

  await using after = await start(store);
  const { payments, balance } = known;
  expect(await after.received()).toMatchObject({ payments, balance });
  const isGoingOn = (await after.statement()).startsWith(statement); // one may have ended since
  expect(isGoingOn).toBe(true);
  expect(await after.find(["a", "returned", "rejected", "lost", "cut"])).toMatchObject([
    { status: "COMPLETED", bank_reference: paid[0]!.bank_reference },
    { status: "RETURNED" },
    { status: "FAILED", code: "BLOCKED" },
    { status: "COMPLETED" },
    { status: "NOT_FOUND" },
  ]);
  await vi.waitFor(async () => {
    expect(await after.find(["waits"])).toMatchObject([{ status: "COMPLETED", amount: "7.00" }]);
  }, 5000);
  const again = await after.send(["a", "rejected", "new"]);
  expect(again).toMatchObject([paid[0]!, { status: "REJECTED" }, { status: "COMPLETED" }]);
  expect(await after.received()).toMatchObject({ payments: known.payments + 1 });
  await after.kill();

  await using last = await start(store); // the cut line has not spoilt the next
  expect(await last.received()).toMatchObject({ payments: known.payments + 1 });
  expect(await last.find(["new"])).toMatchObject([{ status: "COMPLETED" }]);
});

test("payments in flight at a kill -9 are told as made only when they survive, and once", async () => {
  using folder = temporaryFolder();
  const store = join(folder.path, "bank");
  await using before = await start(store);
  const referencesOf = (call: number) =>
    Array.from({ length: 100 }, (_, index) => `${call}-${index}`);
  const calls = Array.from({ length: 20 }, async (_, call) => {
    const results = await before.send(referencesOf(call)).catch(() => []);
    if (call === 5) await before.kill();
    return results.map((result, index) => ({ reference: `${call}-${index}`, result }));
  });
  const told = (await Promise.all(calls)).flat();
  expect(told.length).toBeGreaterThan(0);
  await using after = await start(store);
  for (let from = 0; from < told.length; from += 100) {
    const chunk = told.slice(from, from + 100);
    const found = await after.find(chunk.map(({ reference }) => reference));
    expect(found).toMatchObject(
      chunk.map(({ result: { bank_reference: id } }) => ({ bank_reference: id })),
    );
  }
  for (let call = 0; call < 20; call++) await after.send(referencesOf(call));
  expect(await after.received()).toMatchObject({ payments: 2000, paid: "20000.00" });
});
