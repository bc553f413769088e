import { Code } from "@connectrpc/connect";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { reasonOf } from "#mesh/errors.ts";
import { callKey } from "#mesh/idempotent-call.ts";
import { newId } from "#mesh/ids.ts";
import { MAX_ACCEPTING_MESSAGES } from "#mesh/limits.ts";
import { failureOf } from "#mesh/testing/failure.ts";
import type { Sms } from "../context.ts";
import { abandonRequests } from "../operations/abandon-requests.ts";
import { prepareText, type TextToSend } from "../operations/prepare-text.ts";
import { tellLedger } from "../operations/tell-ledger.ts";
import { changesOf, countsOf, findFaults, stepsOf } from "../testing/state-of-sms.ts";
import { callOf, testSms } from "../testing/test-sms.ts";
import { textOf } from "../testing/text-of.ts";
import { createAccept } from "./accept.ts";
import type { Order, Taken } from "./order.ts";
import { queueOrders } from "./queue-orders.ts";
import { type Reserved, reserveOrders, reserveSingly, type Short } from "./reserve-orders.ts";
import { type Stored, storeOrders } from "./store-orders.ts";

const price = 100_000n;
const never = new AbortController().signal;

/** An order of an account, as an operation makes it; the answer tells which texts were taken. */
function orderOf(sms: Sms, accountId: string, options: Options = {}): Order {
  const { texts = [{}], key = newId(), withinMs = 10_000 } = options;
  const card = sms.rates();
  return {
    call: callOf(accountId, { key }).values.get(callKey)!,
    accountId,
    texts: texts.map((text) => prepareText(textOf(text), { terms: sms.terms, card })),
    rateCard: card.version,
    endMs: Date.now() + withinMs,
    toReply: ({ messages }: Taken) => {
      const text = messages.map((message) => (message === undefined ? "-" : "+")).join("");
      return { code: null, reply: new TextEncoder().encode(text) };
    },
  };
}

type Options = {
  readonly texts?: readonly Partial<TextToSend>[];
  readonly key?: string;
  readonly withinMs?: number;
};

const shown = ({ reply }: { reply: { reply: Uint8Array } }) =>
  new TextDecoder().decode(reply.reply);

const many = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ receiver: `0912${1_000_000 + index}` }));

/** Makes everything due that waits for its time. */
async function letTimePass({ db }: Sms): Promise<void> {
  await sql`update task set due_at = now()`.execute(db.sql);
}

async function store(sms: Sms, order: Order): Promise<Stored> {
  const [stored] = await storeOrders(sms, [order]);
  if (stored?.kind !== "STORED") throw new Error("it is not stored");
  return stored;
}

async function reserve(sms: Sms, stored: Stored): Promise<Reserved> {
  const [reserved] = await reserveOrders(sms, [stored]);
  if (reserved?.kind !== "RESERVED") throw new Error("it is not reserved");
  return reserved;
}

test("MON-4 after a crash before the reserve the messages are given up and the key is free", async () => {
  await using world = await testSms();
  const { sms, ledger } = world;
  const accountId = newId();
  ledger.charge(accountId, 10n * price);
  const order = orderOf(sms, accountId, { key: "k", texts: [{ clientReference: "mine" }] });
  const { draft } = await store(sms, order);
  expect(await abandonRequests(sms)).toBeUndefined(); // it may still be at work
  await letTimePass(sms);
  expect(await abandonRequests(sms)).toBe(true);
  expect(await abandonRequests(sms)).toBeUndefined();
  expect(await countsOf(sms)).toEqual({ "REJECTED NONE": 1 });
  expect(await changesOf(sms)).toMatchObject([
    { messageId: draft.drafts[0]!.id, accountId, revision: 2, clientReference: "mine" },
  ]);
  await tellLedger(sms);
  expect(await stepsOf(sms)).toEqual([]);
  const accept = createAccept(sms);
  expect(shown(await accept(orderOf(sms, accountId, { key: "k" }), never))).toBe("+");
  expect(ledger.available(accountId)).toBe(9n * price);
});

test("MON-4 after a crash between the reserve and the queue the money comes back", async () => {
  await using world = await testSms();
  const { sms, ledger } = world;
  const accountId = newId();
  ledger.charge(accountId, 300n * price);
  await reserve(sms, await store(sms, orderOf(sms, accountId, { texts: many(250) })));
  expect(ledger.held(accountId)).toBe(250n * price);
  await letTimePass(sms);
  expect(await abandonRequests(sms)).toBe(true);
  while (await tellLedger(sms));
  expect([ledger.held(accountId), ledger.available(accountId)]).toEqual([0n, 300n * price]);
  expect(await countsOf(sms)).toEqual({ "REJECTED NONE": 250 });
  const { rows } = await sql`select (select count(*) from task) as tasks,
    (select count(*) from idempotency) as keys`.execute(sms.db.sql);
  expect(rows).toEqual([{ tasks: 0, keys: 0 }]);
});

test("MON-4 after a crash amid single reserves all of them come back", async () => {
  await using world = await testSms();
  const { sms, ledger } = world;
  const accountId = newId();
  ledger.charge(accountId, 130n * price);
  const stored = await store(sms, orderOf(sms, accountId, { texts: many(200) }));
  const [short] = await reserveOrders(sms, [stored]);
  await reserveSingly(sms, [short as Short]);
  expect(ledger.held(accountId)).toBe(130n * price);
  await letTimePass(sms);
  await abandonRequests(sms);
  while (await tellLedger(sms));
  expect([ledger.held(accountId), ledger.available(accountId)]).toEqual([0n, 130n * price]);
});

test("MON-4 a slow process that the sweeper overtook releases what it has reserved since", async () => {
  await using world = await testSms();
  const { sms, ledger } = world;
  const accountId = newId();
  ledger.charge(accountId, 500n * price);
  const slow = await store(sms, orderOf(sms, accountId, { texts: many(150) }));
  await letTimePass(sms);
  await abandonRequests(sms);
  while (await tellLedger(sms)); // the ledger does not know the holds yet
  const fast = await store(sms, orderOf(sms, accountId));
  const late = await reserve(sms, slow);
  expect(ledger.held(accountId)).toBe(150n * price);
  const answers = await queueOrders(sms, [late, await reserve(sms, fast)]);
  expect(answers.map((answer) => answer?.reply)).toEqual([undefined, new Uint8Array([43])]);
  while (await tellLedger(sms));
  expect([ledger.held(accountId), ledger.available(accountId)]).toEqual([price, 499n * price]);
  expect(await countsOf(sms)).toEqual({ "REJECTED NONE": 150, "QUEUED RESERVED": 1 });
  expect(await findFaults(sms)).toEqual([]);
});

test("MON-4 whoever is given up on meanwhile is told that nothing was charged", async () => {
  await using world = await testSms();
  const { sms, ledger } = world;
  const accountId = newId();
  ledger.charge(accountId, price);
  const accept = createAccept(sms);
  ledger.trouble.gate = async () => {
    await letTimePass(sms);
    await abandonRequests(sms);
  };
  const failure = await failureOf(accept(orderOf(sms, accountId), never));
  expect([reasonOf(failure), failure.code]).toEqual(["ABANDONED", Code.Unavailable]);
  while (await tellLedger(sms));
  expect([ledger.held(accountId), ledger.available(accountId)]).toEqual([0n, price]);
});

test("the sweeper leaves a request to who is just moving it", async () => {
  await using world = await testSms();
  const { sms } = world;
  const { draft } = await store(sms, orderOf(sms, newId(), { texts: many(250) }));
  await letTimePass(sms);
  await sms.db.sql.transaction().execute(async (tx) => {
    await sql`select from task where id = ${draft.chunks[1]!.taskId} for update`.execute(tx);
    expect(await abandonRequests(sms)).toBeUndefined();
  });
  expect(await countsOf(sms)).toEqual({ "ACCEPTED NONE": 250 });
  expect(await abandonRequests(sms)).toBe(true);
});

test("O9 a reserve whose answer is lost is asked for again, and made once", async () => {
  await using world = await testSms();
  const { sms, ledger } = world;
  const accountId = newId();
  ledger.charge(accountId, 150n * price);
  ledger.trouble.lostAnswers = 2;
  const accept = createAccept(sms);
  const answer = shown(await accept(orderOf(sms, accountId, { texts: many(200) }), never));
  expect(answer).toBe("+".repeat(150) + "-".repeat(50));
  expect([ledger.held(accountId), ledger.available(accountId)]).toEqual([150n * price, 0n]);
  expect(await findFaults(sms)).toEqual([]);
});

test("a ledger that stays away is given up with the caller, and the key stays in progress", async () => {
  await using world = await testSms();
  const { sms, ledger } = world;
  const accountId = newId();
  ledger.charge(accountId, price);
  ledger.trouble.isAway = true;
  const accept = createAccept(sms);
  const startMs = performance.now();
  const order = { key: "k", withinMs: 300 };
  expect(reasonOf(await failureOf(accept(orderOf(sms, accountId, order), never)))).toBe(
    "LEDGER_AWAY",
  );
  expect(performance.now() - startMs).toBeLessThan(5000);
  ledger.trouble.isAway = false;
  const again = await failureOf(accept(orderOf(sms, accountId, order), never));
  expect(reasonOf(again)).toBe("IDEMPOTENCY_IN_PROGRESS");
  await letTimePass(sms);
  await abandonRequests(sms);
  expect(shown(await accept(orderOf(sms, accountId, order), never))).toBe("+");
  expect(await countsOf(sms)).toEqual({ "QUEUED RESERVED": 1, "REJECTED NONE": 1 });
});

test("who leaves before anything is stored leaves nothing; who leaves later is served to the end", async () => {
  await using world = await testSms();
  const { sms, ledger } = world;
  const accountId = newId();
  ledger.charge(accountId, 10n * price);
  const accept = createAccept(sms);
  const gone = AbortSignal.abort(new Error("gone"));
  await expect(accept(orderOf(sms, accountId, { key: "early" }), gone)).rejects.toThrow("gone");
  expect(await countsOf(sms)).toEqual({});
  const leaving = new AbortController();
  ledger.trouble.gate = async () => leaving.abort(new Error("gone"));
  const late = await accept(orderOf(sms, accountId, { key: "late" }), leaving.signal);
  expect(shown(late)).toBe("+");
  expect(await countsOf(sms)).toEqual({ "QUEUED RESERVED": 1 });
});

test("R3 more than can wait is refused at once", async () => {
  await using world = await testSms();
  const { sms, ledger } = world;
  const accountId = newId();
  ledger.charge(accountId, 10n ** 9n * price);
  const reached = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  ledger.trouble.gate = async () => {
    reached.resolve();
    await gate.promise;
  };
  const accept = createAccept(sms);
  const texts = many(1000);
  const first = accept(orderOf(sms, accountId, { texts }), never);
  await reached.promise;
  const others = Array.from({ length: MAX_ACCEPTING_MESSAGES / 1000 - 1 }, async () =>
    accept(orderOf(sms, accountId, { texts }), never),
  );
  const refusal = await failureOf(accept(orderOf(sms, accountId), never));
  expect([reasonOf(refusal), refusal.metadata.get("retry-after")]).toEqual(["OVERLOADED", "1"]);
  gate.resolve();
  for (const answer of await Promise.all([first, ...others])) {
    expect(shown(answer)).toBe("+".repeat(1000));
  }
  expect(shown(await accept(orderOf(sms, accountId), never))).toBe("+");
}, 60_000);

test("a hold that the ledger refuses for its own reasons fails its order alone", async () => {
  await using world = await testSms();
  const { sms, ledger } = world;
  const rich = newId();
  ledger.charge(rich, 10n * price);
  const broken = await store(sms, orderOf(sms, rich));
  const [chunk] = broken.draft.chunks;
  await sms.holds.createHolds({
    requestId: "taken",
    holds: [{ holdId: chunk!.id, ownerId: rich, amount: { asset: "IRR", amount: "1.00" } }],
  });
  const fine = await store(sms, orderOf(sms, rich));
  const stranger = await store(sms, orderOf(sms, newId()));
  const verdicts = await reserveOrders(sms, [broken, fine, stranger]);
  expect(verdicts.map(({ kind }) => kind)).toEqual(["FAILED", "RESERVED", "RESERVED"]);
  const unpaid = verdicts.map((verdict) => (verdict as Partial<Reserved>).unpaid?.length);
  expect(unpaid).toEqual([undefined, 0, 1]); // who has no account has no money
});

test("an order that can't be stored, or not be answered, fails alone", async () => {
  await using world = await testSms();
  const { sms, ledger } = world;
  const accountId = newId();
  ledger.charge(accountId, 100n * price);
  const accept = createAccept(sms);
  const orders = Array.from({ length: 20 }, (_, index) => {
    const order = orderOf(sms, accountId, { texts: many(3) });
    if (index === 3) return { ...order, accountId: "not one of PostgreSQL's ids" };
    const toReply = () => {
      throw new Error("no words");
    };
    return index === 11 ? { ...order, toReply } : order;
  });
  const answers = await Promise.allSettled(orders.map(async (order) => accept(order, never)));
  const failed = answers.flatMap(({ status }, index) => (status === "rejected" ? [index] : []));
  expect(failed).toEqual([3, 11]);
  expect(await countsOf(sms)).toEqual({ "QUEUED RESERVED": 54, "ACCEPTED NONE": 3 });
  await letTimePass(sms);
  await abandonRequests(sms);
  while (await tellLedger(sms));
  expect(ledger.held(accountId)).toBe(54n * price);
});

test("what is reserved is queued though no connection was free for a while", async () => {
  await using world = await testSms({ max: 2 });
  const { sms, ledger } = world;
  const accountId = newId();
  ledger.charge(accountId, price);
  const accept = createAccept(sms);
  const freed = Promise.withResolvers<void>();
  ledger.trouble.gate = async () => {
    for (let connection = 0; connection < 2; connection += 1) {
      const taken = Promise.withResolvers<void>();
      void sms.db.sql.connection().execute(async () => {
        taken.resolve();
        await freed.promise;
      });
      await taken.promise;
    }
  };
  const answer = accept(orderOf(sms, accountId), never);
  const busy = setInterval(() => {
    if (sms.db.waiting() > 0) setTimeout(freed.resolve, 600); // longer than one waits for one
  }, 5);
  expect(shown(await answer)).toBe("+");
  clearInterval(busy);
});
