import { hash } from "node:crypto";
import { toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, createContextValues } from "@connectrpc/connect";
import { sql, type Transaction } from "kysely";
import { afterAll, beforeEach, expect, test } from "vitest";
import { MoneySchema } from "#gen/mizan/type/v1/money_pb.ts";
import { reasonOf } from "../errors.ts";
import { callKey, type IdempotentCall } from "../idempotent-call.ts";
import { fail } from "../reasons.ts";
import { startDatabaseProxy } from "../testing/database-proxy.ts";
import { testDatabase } from "../testing/postgres.ts";
import { connect } from "./connect.ts";
import { once } from "./idempotency.ts";
import { pruneIdempotency } from "./prune-idempotency.ts";

type Tables = { effect: { note: string } };

const db = await testDatabase<Tables>();
await sql`create table effect (note text)`.execute(db.sql);

afterAll(async () => db[Symbol.asyncDispose]());

beforeEach(async () => {
  await sql`truncate effect, idempotency`.execute(db.sql);
});

function call(key: string, body = "one", principal = "ada"): IdempotentCall {
  const method = "mizan.test.v1.TestService/Pay";
  return { principal, method, key, hash: hash("sha256", body, "buffer"), replayed: false };
}

async function pay(idempotent: IdempotentCall, effect = append("paid"), on = db) {
  return once(on, createContextValues().set(callKey, idempotent), MoneySchema, effect);
}

function append(note: string) {
  return async (tx: Transaction<Tables>) => {
    await tx.insertInto("effect").values({ note }).execute();
    return { asset: "IRR", amount: "12.50" };
  };
}

async function effects(): Promise<string[]> {
  const rows = await db.sql.selectFrom("effect").selectAll().execute();
  return rows.map(({ note }) => note);
}

const withReason = (reason: string) => expect.toSatisfy((error) => reasonOf(error) === reason);

test("IDEM-5 a call that comes again has the same answer, to the byte, and no second effect", async () => {
  const first = await pay(call("k"));
  const again = call("k");
  const second = await pay(again);
  expect(toBinary(MoneySchema, second)).toEqual(toBinary(MoneySchema, first));
  expect(again.replayed).toBe(true);
  expect(await effects()).toEqual(["paid"]);
});

test("IDEM-5 the same key of another principal is another call", async () => {
  await pay(call("k", "one", "ada"));
  await pay(call("k", "one", "grace"));
  expect(await effects()).toHaveLength(2);
});

test("IDEM-6 the same key with another body is refused, and nothing is written", async () => {
  await pay(call("k", "one"));
  await expect(pay(call("k", "two"))).rejects.toThrow(withReason("IDEMPOTENCY_KEY_REUSED"));
  expect(await effects()).toEqual(["paid"]);
});

test("IDEM-6 a call that comes while the first one runs is told to come again", async () => {
  const started = Promise.withResolvers<void>();
  const wait = Promise.withResolvers<void>();
  const first = pay(call("k"), async (tx) => {
    started.resolve();
    await wait.promise;
    return append("paid")(tx);
  });
  await started.promise;
  const second = pay(call("k")).catch((error: unknown) => error);
  const refusal = await second;
  wait.resolve();
  await first;
  expect(reasonOf(refusal)).toBe("IDEMPOTENCY_IN_PROGRESS");
  expect((refusal as ConnectError).metadata.get("retry-after")).toBe("1");
});

test("L6 fifty calls at once have one effect and fifty equal answers, once all have come through", async () => {
  const calls = Array.from({ length: 50 }, async () => {
    for (;;) {
      const answer = await pay(call("k")).catch((error: unknown) => error);
      if (!(answer instanceof ConnectError)) return answer;
      expect(["IDEMPOTENCY_IN_PROGRESS", "OVERLOADED"]).toContain(reasonOf(answer));
    }
  });
  const answers = await Promise.all(calls);
  expect(await effects()).toEqual(["paid"]);
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
});

test("IDEM-7 a refusal is kept with all its details, and nothing of the effect is", async () => {
  const refuse = async (tx: Transaction<Tables>) => {
    await append("half")(tx);
    throw fail("INVALID_AMOUNT", { amount: "x", scale: 2 });
  };
  const again = call("k");
  const first = await pay(call("k"), refuse).catch((error: unknown) => error);
  const second = await pay(again).catch((error: unknown) => error);
  const { message } = first as ConnectError;
  expect(second).toMatchObject({ code: Code.InvalidArgument, message });
  expect(reasonOf(second)).toBe("INVALID_AMOUNT");
  expect(again.replayed).toBe(true);
  expect(await effects()).toEqual([]);
});

test("IDEM-7 a refusal that PostgreSQL caused, such as a name that is taken, is kept too", async () => {
  const effect = async (tx: Transaction<Tables>) => {
    await sql`select 1 / 0`.execute(tx).catch(() => {
      throw new ConnectError("taken", Code.AlreadyExists);
    });
    return { asset: "IRR", amount: "0" };
  };
  await expect(pay(call("k"), effect)).rejects.toThrow("taken");
  await expect(pay(call("k"))).rejects.toThrow("taken");
  expect(await effects()).toEqual([]);
});

test.each([
  new Error("a bug"),
  new ConnectError("elsewhere", Code.Unavailable),
  new ConnectError("too late", Code.DeadlineExceeded),
  fail("OVERLOADED", { resource: "billing", retry_ms: 1 }),
])("IDEM-7 after %s the key is open, and the call may come again", async (error) => {
  const broken = async (tx: Transaction<Tables>): Promise<never> => {
    await append("half")(tx);
    throw error;
  };
  await expect(pay(call("k"), broken)).rejects.toThrow(error.message);
  await pay(call("k"));
  expect(await effects()).toEqual(["paid"]);
});

test("a method that needs a key refuses a call without one", async () => {
  const values = createContextValues();
  await expect(once(db, values, MoneySchema, append("paid"))).rejects.toThrow(
    withReason("REQUEST_ID_REQUIRED"),
  );
});

test("L8 after a connection that died in COMMIT the same key tells what was committed", async () => {
  await using proxy = await startDatabaseProxy(db.url);
  proxy.hangUpAfter("commit");
  await using far = connect<Tables>({ url: proxy.url, max: 1, name: "test" });
  await expect(pay(call("k"), append("paid"), far)).rejects.toThrow(
    withReason("DATABASE_UNAVAILABLE"),
  );
  const again = call("k");
  await pay(again);
  expect(again.replayed).toBe(true);
  expect(await effects()).toEqual(["paid"]);
});

test("answers are kept for a week and forgotten in bites afterwards", async () => {
  await pay(call("young"));
  await sql`insert into idempotency (principal, method, key, hash, created_at)
    select 'ada', 'm', n::text, '\\x00', now() - interval '7 days 1 second'
    from generate_series(1, 2500) n`.execute(db.sql);
  await pruneIdempotency(db, new AbortController().signal);
  const { rows } = await sql`select key from idempotency`.execute(db.sql);
  expect(rows).toEqual([{ key: "young" }]);
});
