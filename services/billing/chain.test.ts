import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { AuditService } from "#gen/mizan/billing/v1/audit_service_pb.ts";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { WalletService } from "#gen/mizan/billing/v1/wallet_service_pb.ts";
import { reasonOf } from "#mesh/errors.ts";
import { bytesOf, derivedId, hexOf, newId } from "#mesh/ids.ts";
import { listChainHeads } from "./operations/list-chain-heads.ts";
import { signChainHead } from "./operations/sign-chain-head.ts";
import { verifyChain } from "./operations/verify-chain.ts";
import { serveBilling } from "./testing/serve-billing.ts";
import { charge, newOwner, testBilling } from "./testing/test-billing.ts";
import { testBooks } from "./testing/test-ledger.ts";
import { sealAll } from "./testing/test-seal.ts";

const stack = new AsyncDisposableStack();
afterAll(async () => stack.disposeAsync());

test("WR-9 billing seals what it commits, verifies it on demand, and signs it when it stops", async () => {
  const books = stack.use(await testBooks());
  const served = await serveBilling({ books });
  const [ledger, userId] = [served.inside("core").of(LedgerService), newId()];
  const id = bytesOf(derivedId(`account/user/${userId}/available/IRR`));
  const account = { id, asset: "IRR", code: 100, flags: 2, userData: bytesOf(hexOf(userId)) };
  await ledger.createAccounts({ requestId: newId(), accounts: [account] });
  const wallet = await served.outside(WalletService, newId(), "ADMIN");
  const audit = await served.outside(AuditService, newId(), "ADMIN");
  const amount = { asset: "IRR", amount: "5.00" };
  for (const requestId of [newId(), newId()])
    await wallet.chargeAccount({ requestId, userId, amount });
  const verifiedSeq = async () => (await audit.verifyChain({})).verifiedSeq;
  await expect.poll(verifiedSeq, { timeout: 10_000 }).toBe(2n);
  await wallet.chargeAccount({ requestId: newId(), userId, amount });
  await served[Symbol.asyncDispose]();
  const { rows } = await sql<{ seq: number; waits: boolean }>`
    select head.seq, stream_offset is null as waits from chain_head head
      join outbox on subject = 'mizan.billing.v1.ChainHeadSigned.0' and outbox.seq = head.seq
      order by head.seq desc limit 1`.execute(books.sql);
  expect(rows).toEqual([{ seq: 3, waits: false }]);
  expect(served.log.records.filter(({ level }) => level === "error")).toEqual([]);
});

test("WR-9 the end of the chain is signed once, and the heads are listed, newest first", async () => {
  const { billing, db } = stack.use(await testBilling());
  expect(await signChainHead(billing)).toBeUndefined(); // there is nothing yet
  const userId = await newOwner(billing);
  for (let round = 1; round <= 3; round += 1) {
    await charge(billing, { userId });
    await sealAll(db.url);
    expect(await signChainHead(billing)).toMatchObject({ seq: round });
    expect(await signChainHead(billing)).toBeUndefined();
  }
  const first = await listChainHeads(billing, { pageSize: 2, pageToken: "" });
  expect(first.rows.map(({ seq }) => seq)).toEqual([3, 2]);
  const next = await listChainHeads(billing, { pageSize: 2, pageToken: first.nextPageToken });
  expect([next.rows.map(({ seq }) => seq), next.nextPageToken]).toEqual([[1], ""]);
  const verdict = await verifyChain(billing);
  expect(verdict).toMatchObject({ verifiedSeq: 3, problem: "", unprovenHeads: 0 });
  expect(verdict.signedHead).toEqual(first.rows[0]);
});

test("a verification ends with its caller, and there is one at a time", async () => {
  const { billing, db } = stack.use(await testBilling());
  await charge(billing, { userId: await newOwner(billing) });
  await sealAll(db.url);
  const caller = new AbortController();
  const left = verifyChain(billing, caller.signal).catch((error: unknown) => error);
  const refused = await verifyChain(billing).catch((error: unknown) => error);
  expect(reasonOf(refused)).toBe("OVERLOADED");
  caller.abort(new Error("gone"));
  expect(await left).toEqual(new Error("gone"));
  expect(await verifyChain(billing)).toMatchObject({ verifiedSeq: 1 });
});

test("a head that nobody can sign for is not stored", async () => {
  const { billing, db } = stack.use(await testBilling());
  await charge(billing, { userId: await newOwner(billing) });
  await sealAll(db.url);
  const lost = async () => Promise.reject(new Error("the lease was taken over"));
  await expect(signChainHead(billing, lost)).rejects.toThrow("taken over");
  const { rows } = await sql`select from chain_head`.execute(db.sql);
  expect(rows).toEqual([]);
});
