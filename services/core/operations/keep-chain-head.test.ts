import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { sql } from "kysely";
import { afterAll, beforeEach, expect, test } from "vitest";
import { ChainHeadSignedSchema } from "#gen/mizan/billing/v1/events_pb.ts";
import { transaction } from "#mesh/database/transaction.ts";
import { createTelemetry } from "#mesh/telemetry.ts";
import { temporaryFolder } from "#mesh/testing/folder.ts";
import { testLog } from "#mesh/testing/log.ts";
import { testDatabase } from "#mesh/testing/postgres.ts";
import { ensureTokenKeys, readKeys } from "#mesh/token-keys.ts";
import { createSigner } from "#mesh/tokens.ts";
import { headText } from "../../billing/domain/chain.ts";
import { toChainHead } from "../../billing/rpc/chain-messages.ts";
import type { Tables } from "../store/tables.ts";
import { keepChainHead } from "./keep-chain-head.ts";

const stack = new AsyncDisposableStack();
afterAll(async () => stack.disposeAsync());
const migrations = [new URL("../store/migrations/", import.meta.url)];
const db = stack.use(await testDatabase<Tables>({ migrations }));
const { path } = stack.use(temporaryFolder());
await ensureTokenKeys(path, ["billing", "sms"]);
const billing = stack.use(createSigner(path, "billing"));
const sms = stack.use(createSigner(path, "sms"));
const file = join(path, "jwks.json");

let shard = 0;
beforeEach(() => (shard += 1));

/** A witness whose reports can be read. */
function witness() {
  const [log, metrics] = [testLog(), stack.use(createTelemetry("core"))];
  const keep = async (seq: number, signedAtUs: number, change: Change = {}) => {
    const { digit = "a", signer = billing, keys = () => readKeys(file) } = change;
    const toSign = { shard, seq, hash: digit.repeat(64), signedAtUs };
    const signed = { ...toSign, ...signer.sign(Buffer.from(headText(toSign))) };
    const event = create(ChainHeadSignedSchema, { head: toChainHead(signed) });
    await transaction(db, async (tx) => keepChainHead({ keys, log, metrics })(tx, event));
  };
  const problems = async () => {
    const { text } = await metrics.page();
    return text.match(/^mizan_ledger_head_problems_total.*$/gm)?.map((line) => line.split(",")[0]);
  };
  return { keep, problems, errors: () => log.records.map(({ seq, other }) => [seq, other]) };
}

type Change = {
  readonly digit?: string;
  readonly signer?: typeof billing;
  readonly keys?: () => ReturnType<typeof readKeys>;
};

async function kept(): Promise<number[]> {
  const { rows } = await sql<{ seq: number }>`
    select seq from ledger_head where shard = ${shard} order by seq, hash`.execute(db.sql);
  return rows.map(({ seq }) => seq);
}

test("WR-9 heads are kept once each, in whatever order they come", async () => {
  const { keep, errors } = witness();
  await keep(100, 10_000_001);
  await keep(300, 30_000_000);
  await keep(200, 20_000_000);
  await keep(100, 10_000_001);
  expect(await kept()).toEqual([100, 200, 300]);
  expect(errors()).toEqual([]);
});

test.each([
  ["has another hash for the same number", 100, 20_000_000, "b"],
  ["is signed later for a lower number", 99, 20_000_000, "a"],
  ["is signed earlier for a higher number", 101, 5_000_000, "a"],
])("L19 a head that %s is kept too, and reported", async (_, seq, signedAtUs, digit) => {
  const { keep, errors, problems } = witness();
  await keep(100, 10_000_000);
  await keep(seq, signedAtUs, { digit });
  expect(await kept()).toEqual([100, seq].toSorted((one, other) => one - other));
  expect(errors()).toEqual([[seq, 100]]);
  expect(await problems()).toEqual(['mizan_ledger_head_problems_total{problem="contradiction"']);
});

test("L19 a head that billing has not signed is not kept, and reported", async () => {
  const { keep, errors, problems } = witness();
  const { keyId } = billing.sign(new Uint8Array());
  const sign = (bytes: Uint8Array) => ({ ...sms.sign(bytes), keyId });
  await keep(100, 10_000_000, { signer: { ...sms, sign } });
  expect(await kept()).toEqual([]);
  expect(errors()).toEqual([[100, undefined]]);
  expect(await problems()).toEqual(['mizan_ledger_head_problems_total{problem="forged"']);
});

test("a head whose key is not known yet comes again, unless it is kept already", async () => {
  const { keep } = witness();
  const keys = () => [];
  await expect(keep(100, 10_000_000, { keys })).rejects.toThrow("is not known");
  expect(await kept()).toEqual([]);
  await keep(100, 10_000_000);
  await keep(100, 10_000_000, { keys });
  expect(await kept()).toEqual([100]);
});

test("L19 what is kept is never changed or deleted, not even by the owner", async () => {
  await witness().keep(100, 10_000_000);
  for (const change of ["update ledger_head set seq = 1", "delete from ledger_head"]) {
    await expect(sql.raw(change).execute(db.sql)).rejects.toMatchObject({ code: "42501" });
  }
});
