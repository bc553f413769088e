import { ConnectError } from "@connectrpc/connect";
import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { newId } from "#mesh/ids.ts";
import { MAX_WATCHED_CHANGES, MAX_WATCHERS, WATCH_READ_EVENTS } from "#mesh/limits.ts";
import { failureOf, infoOf } from "#mesh/testing/failure.ts";
import { testLog } from "#mesh/testing/log.ts";
import { testDatabase } from "#mesh/testing/postgres.ts";
import type { Tables } from "../store/tables.ts";
import { changesOf } from "../testing/changes.ts";
import { createChangeTail } from "./change-tail.ts";
import { type Watch, type Watched, watchMessages } from "./watch-messages.ts";

const stack = new AsyncDisposableStack();
const migrations = [new URL("../store/migrations/", import.meta.url)];
const db = stack.use(await testDatabase<Tables>({ migrations }));
const log = testLog();
const sms = { db, changes: createChangeTail({ db, log }) };
afterAll(async () => stack.disposeAsync());

function watch(
  accountId: string,
  resumeToken = "",
  rest: Partial<Watch> & { on?: typeof sms } = {},
) {
  const { on = sms, ...given } = rest;
  const { signal } = new AbortController();
  const endMs = Date.now() + 60_000;
  return watchMessages(on, { accountId, resumeToken, signal, endMs, ...given });
}

const { happen, number } = changesOf(db);
const next = async (stream: AsyncGenerator<Watched>) => (await stream.next()).value as Watched;
const revisionsOf = ({ changes }: Watched) => changes.map(({ revision }) => revision);
const reasonWhy = async (stream: AsyncGenerator<Watched>) => {
  return reasonOf(await failureOf(stream.next()));
};

/** Reads so many changes, or a few more, and where to go on after them. */
async function read(stream: AsyncGenerator<Watched>, count: number) {
  const revisions: number[] = [];
  let resumeToken = "";
  while (revisions.length < count || resumeToken === "") {
    const watched = await next(stream);
    revisions.push(...revisionsOf(watched));
    ({ resumeToken } = watched);
  }
  await stream.return(undefined);
  return { revisions, resumeToken };
}

test("a stream answers at once, and then brings what happens to the account alone", async () => {
  const [mine, other] = [newId(), newId()];
  await happen([mine, 1], [other, 1]);
  await number();
  const stream = watch(mine);
  const first = await next(stream);
  expect(first.changes).toEqual([]);
  expect(first.resumeToken).toMatch(/^[\w-]{1,64}$/);
  await happen([other, 2], [mine, 2], [mine, 3]);
  await number();
  const watched = await next(stream);
  expect(watched.changes).toMatchObject([
    { accountId: mine, revision: 2, price: { asset: "IRR", amount: "1000.00" } },
    { accountId: mine, revision: 3 },
  ]);
  await stream.return(undefined);
});

test("streams that stop and go on at any time bring every change once and in order", async () => {
  const accounts = Array.from({ length: 4 }, () => newId());
  const sizes = fc.array(
    fc.tuple(
      fc.nat(3),
      fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant(MAX_WATCHED_CHANGES + 7)),
    ),
    { minLength: 1, maxLength: 12 },
  );
  const stops = fc.infiniteStream(fc.integer({ min: 1, max: 700 }));
  const run = async (steps: [number, number][], [early, stopsAt]: [number, Iterator<number>]) => {
    const [mine] = accounts as [string];
    let resumeToken = (await read(watch(mine), 0)).resumeToken;
    let made = 0;
    const seen: number[] = [];
    const make = async (some: [number, number][]) => {
      for (const [whose, size] of some) {
        const account = accounts[whose]!;
        const numbers = Array.from({ length: size }, (_, n) => (whose === 0 ? made + n : -1));
        if (whose === 0) made += size;
        await happen(...numbers.map((revision) => [account, revision] as const));
      }
      await number();
    };
    await make(steps.slice(0, early));
    const late = make(steps.slice(early));
    const all = steps.reduce((sum, [whose, size]) => sum + (whose === 0 ? size : 0), 0);
    while (seen.length < all) {
      const wanted = Math.min(stopsAt.next().value as number, all - seen.length);
      const part = await read(watch(mine, resumeToken), wanted);
      seen.push(...part.revisions);
      ({ resumeToken } = part);
    }
    await late;
    expect(seen).toEqual(Array.from({ length: all }, (_, n) => n));
  };
  const plan = fc.tuple(fc.nat(12), stops);
  await fc.assert(fc.asyncProperty(sizes, plan, run), { numRuns: 30 });
}, 120_000);

test("many watchers of many accounts come and go while things happen, and none misses any", async () => {
  const accounts = Array.from({ length: 24 }, () => newId());
  const counted = Array.from({ length: 30 }, (_, n) => n);
  const starts = await Promise.all(accounts.map(async (id) => read(watch(id), 0)));
  const events = (async () => {
    for (const n of counted) {
      await happen(...accounts.map((id) => [id, n] as const));
      if (n % 3 === 0) await number();
    }
    await number();
  })();
  const seen = await Promise.all(
    accounts.map(async (id, index) => {
      const half = await read(watch(id, starts[index]!.resumeToken), 1 + index);
      const rest = await read(watch(id, half.resumeToken), counted.length - half.revisions.length);
      return half.revisions.concat(rest.revisions);
    }),
  );
  await events;
  for (const revisions of seen) expect(revisions).toEqual(counted);
}, 60_000);

test("a stream far behind catches up over many reads", async () => {
  const [mine, other] = [newId(), newId()];
  const { resumeToken } = await read(watch(mine), 0);
  const count = 2 * WATCH_READ_EVENTS + 5;
  for (let n = 0; n < count; n += 1) await happen([n % 10 === 0 ? mine : other, n]);
  await number();
  const { revisions } = await read(watch(mine, resumeToken), Math.ceil(count / 10));
  expect(revisions).toEqual(Array.from({ length: Math.ceil(count / 10) }, (_, n) => n * 10));
});

test("a quiet stream gives signs of life, whose tokens move on with the log", async () => {
  const [mine, other] = [newId(), newId()];
  const stream = watch(mine, "", { signMs: 120 });
  const first = await next(stream);
  const quiet = next(stream);
  await happen([other, 1]);
  await number();
  let watched = await quiet;
  while (watched.resumeToken === first.resumeToken) watched = await next(stream);
  expect(watched.changes).toEqual([]);
  await stream.return(undefined);
  await happen([mine, 7]);
  await number();
  expect((await read(watch(mine, watched.resumeToken), 1)).revisions).toEqual([7]);
});

test("garbage, and the token of another account, of the future or of another log is refused", async () => {
  const [mine, other] = [newId(), newId()];
  await happen([mine, 1]);
  await number();
  const { resumeToken } = await read(watch(mine), 0);
  expect(await reasonWhy(watch(mine, "garbage"))).toBe("INVALID_RESUME_TOKEN");
  expect(await reasonWhy(watch(other, resumeToken))).toBe("INVALID_RESUME_TOKEN");
  const last = sql`select max(stream_offset) from outbox where stream = 'MIZAN_SMS'`;
  const change = sql`update outbox set event_id = ${newId()} where stream_offset = (${last})`;
  await change.execute(db.sql);
  expect(await reasonWhy(watch(mine, resumeToken))).toBe("INVALID_RESUME_TOKEN");
  await sql`delete from outbox where stream_offset = (${last})`.execute(db.sql);
  await sql`update outbox_number set last_offset = last_offset - 1`.execute(db.sql);
  expect(await reasonWhy(watch(mine, resumeToken))).toBe("INVALID_RESUME_TOKEN");
});

test("what was dropped is not skipped in silence, and the oldest place is named", async () => {
  const mine = newId();
  const { resumeToken } = await read(watch(mine), 0);
  for (const n of [1, 2, 3]) await happen([mine, n]);
  await number();
  const { rows } = await sql<{ offset: number }>`
    select stream_offset as offset from outbox where stream = 'MIZAN_SMS'
    order by stream_offset desc limit 3`.execute(db.sql);
  await sql`delete from outbox where stream_offset <= ${rows.at(-1)!.offset}`.execute(db.sql);
  const failure = await failureOf(watch(mine, resumeToken).next());
  const { reason, metadata } = infoOf(failure);
  expect([reason, metadata["resume_token"]]).toEqual(["RESUME_TOKEN_TOO_OLD", resumeToken]);
  const { revisions } = await read(watch(mine, metadata["oldest"]), 2);
  expect(revisions).toEqual([2, 3]);
  await sql`delete from outbox`.execute(db.sql);
  expect(await reasonWhy(watch(mine, resumeToken))).toBe("RESUME_TOKEN_TOO_OLD");
  const { resumeToken: now } = await read(watch(mine), 0);
  await happen([mine, 4]);
  await number();
  expect((await read(watch(mine, now), 1)).revisions).toEqual([4]);
});

test("G16 a slow reader's stream is ended, and goes on later where it was", async () => {
  const mine = newId();
  const slow = { db, changes: createChangeTail({ db, log }, 3) };
  const stream = watch(mine, "", { on: slow });
  await next(stream);
  const reading = next(stream);
  await happen([mine, 1]);
  await number();
  const { resumeToken } = await reading; // and then it reads no more
  for (const n of [2, 3, 4, 5]) await happen([mine, n]);
  await number();
  const quick = watch(newId(), "", { on: slow, signMs: 10 });
  for (let signs = 0; signs < 30; signs += 1) await next(quick); // the tail has looked meanwhile
  await quick.return(undefined);
  const failure = await failureOf(stream.next());
  expect(reasonOf(failure)).toBe("READER_TOO_SLOW");
  expect(failure.metadata.get("retry-after")).toBe("1");
  expect((await read(watch(mine, resumeToken), 4)).revisions).toEqual([2, 3, 4, 5]);
});

test("R3 an account has so many streams and no more, until one of them ends", async () => {
  const mine = newId();
  const streams = Array.from({ length: MAX_WATCHERS.ofAccount }, () => watch(mine));
  for (const stream of streams) await next(stream);
  const failure = await failureOf(watch(mine).next());
  expect(reasonOf(failure)).toBe("OVERLOADED");
  expect(failure.metadata.get("retry-after")).toBe("1");
  await streams.pop()!.return(undefined);
  const again = watch(mine);
  expect((await next(again)).changes).toEqual([]);
  for (const stream of [...streams, again]) await stream.return(undefined);
});

test("a stream ends with its signal, for the reason that it has, and at its time", async () => {
  const controller = new AbortController();
  const stream = watch(newId(), "", { signal: controller.signal });
  await next(stream);
  const ending = failureOf(stream.next());
  const reason = new ConnectError("away");
  controller.abort(reason);
  expect(await ending).toBe(reason);
  const short = watch(newId(), "", { endMs: Date.now() + 50 });
  const signs = async () => {
    for (;;) await next(short);
  };
  expect(reasonOf(await failureOf(signs()))).toBe("DEADLINE_PASSED");
});

test("the tail goes on when the database is back", async () => {
  const mine = newId();
  let isAway = false;
  const shaky = new Proxy(db.sql, {
    get: (target, name) => {
      if (isAway) throw new Error("the database is away");
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const on = { db, changes: createChangeTail({ db: { ...db, sql: shaky }, log }) };
  const stream = watch(mine, "", { on });
  await next(stream);
  const change = next(stream);
  isAway = true;
  await expect.poll(() => log.records.some(({ level }) => level === "warn")).toBe(true);
  await happen([mine, 1]);
  await number();
  isAway = false;
  expect(revisionsOf(await change)).toEqual([1]);
  await stream.return(undefined);
});
