import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LedgerService } from "#gen/mizan/billing/v1/ledger_service_pb.ts";
import { openConnection } from "#mesh/database/connection.ts";
import { pruneIdempotency } from "#mesh/database/prune-idempotency.ts";
import { bytesOf, derivedId, hexOf, newId } from "#mesh/ids.ts";
import { serveBilling } from "./testing/serve-billing.ts";
import { testBooks } from "./testing/test-ledger.ts";

// L14 over real HTTP: what a key promises to those who ask again, whatever happened to the answer.

const books = await testBooks();
let served: Awaited<ReturnType<typeof serveBilling>>;
beforeAll(async () => void (served = await serveBilling({ books })));
afterAll(async () => {
  await served[Symbol.asyncDispose]();
  await books[Symbol.asyncDispose]();
});

const [ada, bob, userId] = [newId(), newId(), newId()];

beforeAll(async () => {
  const account = {
    id: bytesOf(derivedId(`account/user/${userId}/available/IRR`)),
    asset: "IRR",
    code: 100,
    flags: 2,
    userData: bytesOf(hexOf(userId)),
  };
  const ledger = served.inside("core").of(LedgerService);
  await ledger.createAccounts({ requestId: newId(), accounts: [account] });
});

type Sent = { readonly key?: string; readonly admin?: string; readonly signal?: AbortSignal };

async function send(method: string, body: object, { key, admin = ada, signal }: Sent = {}) {
  const response = await fetch(`${served.http}/mizan.billing.v1.${method}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${await served.tokenOf(admin, "ADMIN")}`,
      ...(key !== undefined && { "idempotency-key": key }),
    },
    body: JSON.stringify(body),
    signal: signal ?? null,
  });
  const text = await response.text();
  const { status, headers } = response;
  return { status, text, isReplayed: headers.get("idempotent-replayed") === "true" };
}

/** How often money was moved by hand, and how many answers are kept. */
async function countRows() {
  const found = await sql<{ moved: number; kept: number }>`
    select (select count(*) from movement) as moved, (select count(*) from idempotency) as kept
  `.execute(books.sql);
  return found.rows[0]!;
}

const methods = {
  ChargeAccount: async (amount: string, sent: Sent) =>
    send("WalletService/ChargeAccount", { userId, amount: { asset: "IRR", amount } }, sent),
  TopUpPool: async (amount: string, sent: Sent) =>
    send("CreditService/TopUpPool", { amount: { asset: "IRR", amount } }, sent),
};

describe.each(Object.entries(methods))("L14 %s", (_, call) => {
  test("(a) fifty calls with one key at once have one effect and one answer", async () => {
    const before = await countRows();
    const key = newId();
    const calls = Array.from({ length: 50 }, async () => call("1.00", { key }));
    const answers = await Promise.all(calls);
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]!.status).toBe(200);
    expect(answers.filter(({ isReplayed }) => !isReplayed)).toHaveLength(1);
    expect(await countRows()).toEqual({ moved: before.moved + 1, kept: before.kept + 1 });
  });

  test("(b) the key with another amount is refused, and writes no row", async () => {
    const key = newId();
    const first = await call("1.00", { key });
    const before = await countRows();
    const other = await call("2.00", { key });
    expect([other.status, other.text]).toEqual([409, expect.stringContaining("KEY_REUSED")]);
    expect(await countRows()).toEqual(before);
    expect(await call("1.00", { key })).toEqual({ ...first, isReplayed: true });
  });

  test.each(["1.001", "0", "-1", "1e3"])(
    "(c) after %s the key is free for a valid one",
    async (bad) => {
      const key = newId();
      const before = await countRows();
      expect((await call(bad, { key })).status).toBe(400);
      expect(await countRows()).toEqual(before);
      expect(await call("1.00", { key })).toMatchObject({ status: 200, isReplayed: false });
      expect((await countRows()).moved).toBe(before.moved + 1);
    },
  );

  test("(d) after a fault in the midst of it the same key goes on, once", async () => {
    const key = newId();
    const before = await countRows();
    await using operator = await openConnection({ url: books.url, name: "test" });
    await operator.query(`create trigger broken before insert on transfer_id
      for each statement execute function refuse_change()`);
    const failed = await call("1.00", { key });
    await operator.query("drop trigger broken on transfer_id");
    expect(failed.status).toBe(500);
    expect(await countRows()).toEqual(before);
    const first = await call("1.00", { key });
    expect(first).toMatchObject({ status: 200, isReplayed: false });
    expect(await call("1.00", { key })).toEqual({ ...first, isReplayed: true });
    expect((await countRows()).moved).toBe(before.moved + 1);
  });

  test("(d) a caller who hangs up, and asks again, has moved the money once", async () => {
    const before = await countRows();
    const keys = Array.from({ length: 20 }, () => newId());
    const hungUp = keys.map(async (key, at) => {
      const over = new AbortController();
      setTimeout(() => over.abort(), at);
      return call("1.00", { key, signal: over.signal }).catch(() => undefined);
    });
    await Promise.all(hungUp);
    const answers = await Promise.all(keys.map(async (key) => call("1.00", { key })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await countRows()).moved).toBe(before.moved + 20);
  });

  test("(f) the key of another administrator is another key", async () => {
    const key = newId();
    const before = await countRows();
    await call("1.00", { key });
    expect(await call("2.00", { key, admin: bob })).toMatchObject({
      status: 200,
      isReplayed: false,
    });
    expect((await countRows()).moved).toBe(before.moved + 2);
  });

  test("(e) after the life of the key it is executed anew, and the transfer's id protects", async () => {
    const key = newId();
    await call("1.00", { key });
    const before = await countRows();
    await sql`update idempotency set created_at = now() - interval '30 days'`.execute(books.sql);
    await pruneIdempotency(books, AbortSignal.timeout(10_000));
    expect((await countRows()).kept).toBe(0);
    await served[Symbol.asyncDispose](); // the next one remembers no answers
    served = await serveBilling({ books });
    const again = await call("1.00", { key });
    expect([again.status, again.isReplayed]).toEqual([200, false]);
    expect(await countRows()).toEqual({ moved: before.moved, kept: 1 });
  });
});
