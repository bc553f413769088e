import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { ConnectError } from "@connectrpc/connect";
import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { reasonOf } from "../errors.ts";
import { freePorts } from "../local/ports.ts";
import { ACQUIRE_TIMEOUT_MS, MAX_ACQUIRE_WAITING } from "../limits.ts";
import { startDatabaseProxy } from "../testing/database-proxy.ts";
import { testDatabase } from "../testing/postgres.ts";
import { connect } from "./connect.ts";
import { openConnection } from "./connection.ts";

const db = await testDatabase({ max: 2 });

afterAll(async () => db[Symbol.asyncDispose]());

const withReason = (reason: string) => expect.toSatisfy((error) => reasonOf(error) === reason);

/** Holds all connections of the pool while `work` runs. */
async function whileBusy(work: () => Promise<void>): Promise<void> {
  const free = Promise.withResolvers<void>();
  const taken = [1, 2].map(() => Promise.withResolvers<void>());
  const holders = taken.map(async ({ resolve }) =>
    db.sql.connection().execute(async () => {
      resolve();
      await free.promise;
    }),
  );
  await Promise.all(taken.map(async ({ promise }) => promise));
  await work().finally(free.resolve);
  await Promise.all(holders);
}

test("§4.5 statements, locks and idle transactions end in time", async () => {
  const settings = sql<{ name: string; setting: string }>`select name, setting from pg_settings
    where name in ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout')`;
  const { rows } = await settings.execute(db.sql);
  expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
    statement_timeout: "2000",
    lock_timeout: "500",
    idle_in_transaction_session_timeout: "5000",
  });
});

test("L14 who finds no free connection in time is told to come again", async () => {
  await whileBusy(async () => {
    const startMs = performance.now();
    const refusal = await db.ping().catch((error: unknown) => error);
    expect(reasonOf(refusal)).toBe("OVERLOADED");
    expect((refusal as ConnectError).metadata.get("grpc-retry-pushback-ms")).toBe("250");
    expect(performance.now() - startMs).toBeLessThan(ACQUIRE_TIMEOUT_MS * 3);
  });
  await db.ping();
});

test("L14 no more wait for a connection than the limit allows", async () => {
  await whileBusy(async () => {
    const waiting = Array.from({ length: MAX_ACQUIRE_WAITING + 1 }, async () => db.ping());
    expect(db.waiting()).toBe(MAX_ACQUIRE_WAITING);
    expect(db.waitedMs()).toBeGreaterThan(0);
    await expect(waiting.at(-1)).rejects.toThrow(withReason("OVERLOADED"));
    await Promise.allSettled(waiting);
    expect(db.waitedMs()).toBe(0);
  });
});

/** Ends all connections of the pool but the operator's own, and waits until they are gone. */
async function endOthers(): Promise<void> {
  await using operator = await openConnection({ url: db.url, name: "operator" });
  const others = `from pg_stat_activity where datname = current_database()
    and application_name = 'test'`;
  await operator.query(`select pg_terminate_backend(pid) ${others}`);
  await expect.poll(async () => operator.query(`select pid ${others}`)).toEqual([]);
}

const answers = async () =>
  db.ping().then(
    () => "yes",
    () => "no",
  );

test("L12 idle connections that PostgreSQL ends are replaced", async () => {
  await Promise.all([db.ping(), db.ping()]);
  await endOthers();
  await expect.poll(answers).toBe("yes");
  await Promise.all([db.ping(), db.ping()]);
});

test("L12 a connection that PostgreSQL ends between two statements fails the second", async () => {
  const work = db.sql.transaction().execute(async (tx) => {
    await sql`select 1`.execute(tx);
    await endOthers();
    await sql`select 2`.execute(tx);
  });
  await expect(work).rejects.toThrow(withReason("DATABASE_UNAVAILABLE"));
  await Promise.all([db.ping(), db.ping()]);
});

test("L12 a connection that broke off in a transaction is not used again", async () => {
  const work = db.sql.transaction().execute(async (tx) => {
    await sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx);
  });
  await expect(work).rejects.toThrow(withReason("DATABASE_UNAVAILABLE"));
  await Promise.all([db.ping(), db.ping()]);
});

test("L12 a server that has stopped answering is given up, and so is its connection", async () => {
  const silent = createServer((socket) => socket.resume()).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const port = String((silent.address() as AddressInfo).port);
  await using far = connect({
    url: Object.assign(new URL(db.url), { port }).href,
    max: 1,
    name: "test",
  });
  const pings = await Promise.allSettled([far.ping(), far.ping(), far.ping()]);
  const unavailable = { status: "rejected", reason: withReason("DATABASE_UNAVAILABLE") };
  expect(pings).toEqual([unavailable, unavailable, unavailable]);
  silent.close();
});

test("connections that take long to open are waited for, by those behind them too", async () => {
  await using proxy = await startDatabaseProxy(db.url);
  await using far = connect({ url: proxy.url, max: 1, name: "test" });
  proxy.delay(2 * ACQUIRE_TIMEOUT_MS);
  const startMs = performance.now();
  await Promise.all([far.ping(), far.ping(), far.ping()]);
  expect(performance.now() - startMs).toBeGreaterThan(ACQUIRE_TIMEOUT_MS);
});

test("L12 a server that freezes under a statement is given up, and the pool heals", async () => {
  await using proxy = await startDatabaseProxy(db.url);
  await using far = connect({ url: proxy.url, max: 1, name: "test" });
  await far.ping();
  proxy.freeze();
  await expect(far.ping()).rejects.toThrow(withReason("DATABASE_UNAVAILABLE"));
  await far.ping();
});

test("a server that is not there is told apart from one that is busy", async () => {
  const [port] = await freePorts(1);
  const url = Object.assign(new URL(db.url), { port: String(port) }).href;
  await using far = connect({ url, max: 1, name: "test" });
  await expect(far.ping()).rejects.toThrow(withReason("DATABASE_UNAVAILABLE"));
});

test("a statement that takes too long is stopped, and its connection goes on", async () => {
  const slow = sql`select pg_sleep(10)`.execute(db.sql);
  await expect(slow).rejects.toThrow(withReason("DEADLINE_PASSED"));
  await db.ping();
});

test("L13 statements have no names that a PgBouncer would lose", async () => {
  await db.sql.connection().execute(async (connection) => {
    await sql`select ${1}::int`.execute(connection);
    const { rows } = await sql`select name from pg_prepared_statements`.execute(connection);
    expect(rows).toEqual([]);
  });
});

test("L15 whole numbers come exactly or not at all", async () => {
  const read = async (text: string) => {
    const { rows } = await sql<{ value: unknown }>`select ${sql.raw(text)} as value`.execute(
      db.sql,
    );
    return rows[0]!.value;
  };
  expect(await read("9007199254740991::bigint")).toBe(Number.MAX_SAFE_INTEGER);
  await expect(read("9007199254740992::bigint")).rejects.toThrow("beyond 2^53");
  expect(await read("340282366920938463463374607431768211455::numeric")).toBe((1n << 128n) - 1n);
  expect(await read("1.50::numeric")).toBe("1.50");
  await db.ping();
});
