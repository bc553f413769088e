import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { ConnectError } from "@connectrpc/connect";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TriggerFiredSchema } from "#gen/mizan/matching/v1/events_pb.ts";
import { MarketAdminService } from "#gen/mizan/matching/v1/market_admin_service_pb.ts";
import { Market_State } from "#gen/mizan/matching/v1/market_pb.ts";
import { Order_State, Side, TimeInForce } from "#gen/mizan/matching/v1/order_pb.ts";
import { OrderService } from "#gen/mizan/matching/v1/order_service_pb.ts";
import {
  type Trigger,
  Trigger_Condition as Condition,
  Trigger_State as State,
} from "#gen/mizan/matching/v1/trigger_pb.ts";
import { TriggerService } from "#gen/mizan/matching/v1/trigger_service_pb.ts";
import { transaction } from "#mesh/database/transaction.ts";
import { reasonOf } from "#mesh/errors.ts";
import { subjectsOf } from "#mesh/events/subject.ts";
import { newId } from "#mesh/ids.ts";
import { MAX_ACTIVE_TRIGGERS } from "#mesh/limits.ts";
import { endTrigger } from "../store/triggers.ts";
import { type ServedMatching, serveMatching } from "../testing/serve-matching.ts";

// Triggers by real clients, with the money of a real ledger (DESK-1, DESK-2, X6).

const stack = new AsyncDisposableStack();
const market = "GOLD-IRR";
const [maker, taker] = [newId(), newId()];
let served: ServedMatching;

beforeAll(async () => {
  served = stack.use(await serveMatching());
  await served.asset("GOLD", 2);
  const admin = served.outside(MarketAdminService);
  const options = await served.as(newId(), "ADMIN");
  const rules = { listingPrice: "100" };
  const steps = { baseAsset: "GOLD", quoteAsset: "IRR", tickSize: "1", lotSize: "1" };
  await admin.createMarket({ requestId: newId(), ...steps, rules }, options);
  const opened = { requestId: newId(), market, state: Market_State.TRADING };
  await admin.setMarketState(opened, options);
  for (const id of [maker, taker]) {
    await served.charge(id, ["GOLD", "1000.00"], ["IRR", "1000000.00"]);
  }
});
afterAll(async () => stack.disposeAsync());

const as = async (id: string) => served.as(id, "USER");
const orders = () => served.outside(OrderService);
const triggers = () => served.outside(TriggerService);

/** Has the other two trade one at a price. */
async function trade(price: string): Promise<void> {
  const order = { market, price, size: "1" };
  const [ask, bid] = [
    { ...order, side: Side.SELL },
    { ...order, side: Side.BUY },
  ];
  await orders().placeOrder({ requestId: newId(), order: ask }, await as(maker));
  await orders().placeOrder({ requestId: newId(), order: bid }, await as(taker));
}

type Wanted = { price: string; condition?: Condition; side?: Side; requestId?: string };

async function set(owner: string, wanted: Wanted): Promise<Trigger> {
  const { price, condition = Condition.ABOVE, side = Side.SELL, requestId = newId() } = wanted;
  const far = side === Side.SELL ? "120" : "80"; // it rests
  const order = { market, side, price: far, size: "2" };
  const request = { requestId, market, condition, price, order };
  return (await triggers().createTrigger(request, await as(owner))).trigger!;
}

async function find(owner: string, triggerId: string): Promise<Trigger> {
  return (await triggers().getTrigger({ triggerId }, await as(owner))).trigger!;
}

async function until(owner: string, { id }: Trigger, state: State): Promise<Trigger> {
  await expect.poll(async () => (await find(owner, id)).state).toBe(state);
  return find(owner, id);
}

async function reason(call: Promise<unknown>): Promise<string | undefined> {
  return call.then(
    () => "done",
    (error) => reasonOf(ConnectError.from(error)),
  );
}

async function clear(owner: string): Promise<void> {
  await orders().cancelAllOrders({ requestId: newId(), market }, await as(owner));
}

/** How often the owner of a trigger was told. */
async function timesTold({ id }: Trigger): Promise<number> {
  const { rows } = await sql<{ payload: Uint8Array }>`
    select payload from outbox where key = ${id} and
      subject like ${subjectsOf(TriggerFiredSchema).replace(">", "%")}`.execute(served.db.sql);
  return rows.length;
}

test("DESK-1 a trigger fires once, by the first trade on the wanted side of its price", async () => {
  const owner = newId();
  await served.charge(owner, ["GOLD", "10.00"]);
  await trade("100");
  const trigger = await set(owner, { price: "103" });
  expect(trigger).toMatchObject({ state: State.ACTIVE, orderId: "", tradeId: 0n });
  expect(await served.balance(owner, "GOLD")).toEqual(["10.00", "0.00"]); // DESK-2
  await trade("102");
  await trade("103");
  await trade("104");
  const fired = await until(owner, trigger, State.FIRED);
  await expect.poll(async () => (await find(owner, trigger.id)).orderId).not.toBe("");
  const { orderId } = await find(owner, trigger.id);
  const { order } = await orders().getOrder({ orderId }, await as(owner));
  expect(order).toMatchObject({ state: Order_State.NEW, size: "2", triggerId: trigger.id });
  const { orders: all } = await orders().listOrders({ market }, await as(owner));
  expect(all).toHaveLength(1);
  const { rows } = await sql<{ price: number }>`
    select price from trade where market = ${market} and trade_id = ${fired.tradeId}`.execute(
    served.db.sql,
  );
  expect(rows).toEqual([{ price: 103 }]);
  expect(await timesTold(trigger)).toBe(1);
  await clear(owner);
});

test("DESK-1 below: a trade at the price or under it, and not one from before the trigger", async () => {
  const owner = newId();
  await served.charge(owner, ["IRR", "1000.00"]);
  await trade("95");
  const wanted = { price: "95", condition: Condition.BELOW, side: Side.BUY };
  const trigger = await set(owner, wanted);
  await trade("96");
  const later = await set(owner, { ...wanted, price: "96" });
  await trade("97");
  expect((await find(owner, trigger.id)).state).toBe(State.ACTIVE);
  expect((await find(owner, later.id)).state).toBe(State.ACTIVE);
  await trade("94");
  await until(owner, trigger, State.FIRED);
  await until(owner, later, State.FIRED);
  await clear(owner);
});

test("DESK-2 who has no money at firing is told why; nothing is placed", async () => {
  const owner = newId();
  await served.charge(owner);
  const trigger = await set(owner, { price: "99" });
  await trade("99");
  const failed = await until(owner, trigger, State.FAILED);
  expect(failed).toMatchObject({ reason: "INSUFFICIENT_FUNDS", orderId: "" });
  await expect.poll(async () => timesTold(trigger)).toBe(1);
});

test("X6 an order whose trigger has fired before a crash is placed once, by the same id", async () => {
  const owner = newId();
  await served.charge(owner, ["GOLD", "10.00"]);
  const trigger = await set(owner, { price: "98" });
  await trade("98");
  const fired = await until(owner, trigger, State.FIRED);
  await expect.poll(async () => (await find(owner, fired.id)).orderId).not.toBe("");
  const { orderId } = await find(owner, fired.id);
  await sql`update price_trigger set is_over = false where id = ${fired.id}`.execute(served.db.sql);
  await expect.poll(async () => timesTold(trigger)).toBe(2); // the notification has the same id
  expect((await find(owner, fired.id)).orderId).toBe(orderId);
  const { orders: all } = await orders().listOrders({ market }, await as(owner));
  expect(all.map(({ id }) => id)).toEqual([orderId]);
  expect(await served.balance(owner, "GOLD")).toEqual(["8.00", "2.00"]);
  await clear(owner);
});

test("a trigger is cancelled by its owner as long as it waits; one who comes again gets the same", async () => {
  const [owner, other] = [newId(), newId()];
  const requestId = newId();
  const trigger = await set(owner, { price: "500", requestId });
  expect((await set(owner, { price: "500", requestId })).id).toBe(trigger.id);
  const cancel = async (who: string, id = trigger.id) =>
    reason(triggers().cancelTrigger({ requestId: newId(), triggerId: id }, await as(who)));
  expect(await cancel(other)).toBe("TRIGGER_NOT_FOUND");
  expect(await reason(find(other, trigger.id))).toBe("TRIGGER_NOT_FOUND");
  expect(await cancel(owner)).toBe("done");
  expect(await cancel(owner)).toBe("NOT_CANCELLABLE");
  const ended = { requestId: newId(), triggerId: trigger.id };
  const said = await triggers()
    .cancelTrigger(ended, await as(owner))
    .catch(String);
  expect(said).toContain(`The trigger ${trigger.id} is CANCELLED.`);
  expect((await find(owner, trigger.id)).state).toBe(State.CANCELLED);
  const list = async (request: { pageSize?: number; pageToken?: string; state?: State }) =>
    triggers().listTriggers(request, await as(owner));
  const ids = [(await set(owner, { price: "501" })).id, (await set(owner, { price: "502" })).id];
  const first = await list({ pageSize: 2 });
  expect(first.triggers.map(({ id }) => id)).toEqual(ids.toReversed());
  const second = await list({ pageSize: 2, pageToken: first.nextPageToken });
  expect(second.triggers.map(({ id }) => id)).toEqual([trigger.id]);
  expect((await list({ state: State.CANCELLED })).triggers).toHaveLength(1);
});

const past = { timeInForce: TimeInForce.GTD, expireTime: timestampFromMs(Date.now() - 1) };

test.each([
  ["an unknown market", { market: "NO-IRR" }, "MARKET_NOT_FOUND"],
  ["a price between two ticks", { price: "100.5" }, "PRICE_TICK"],
  ["a price of nothing", { price: "0" }, "PRICE_TICK"],
  ["an order of another unknown market", { order: { market: "NO-IRR" } }, "MARKET_NOT_FOUND"],
  ["an order between two lots", { order: { size: "1.5" } }, "QTY_STEP"],
  ["an order whose fields don't go together", { order: { stopPrice: "9" } }, "INVALID_COMBINATION"],
  ["an order whose time is over", { order: past }, "INVALID_COMBINATION"],
])("a trigger with %s is refused at once", async (_, wrong, expected) => {
  const order = {
    market,
    side: Side.SELL,
    price: "90",
    size: "2",
    ...("order" in wrong && wrong.order),
  };
  const fields = { market, condition: Condition.ABOVE, price: "100", ...wrong };
  const request = { requestId: newId(), ...fields, order };
  expect(await reason(triggers().createTrigger(request, await as(newId())))).toBe(expected);
});

test("a trigger at a price of nothing is told so, with its field", async () => {
  const order = { market, side: Side.SELL, price: "90", size: "2" };
  const request = { requestId: newId(), market, condition: Condition.ABOVE, price: "0", order };
  const said = await triggers()
    .createTrigger(request, await as(newId()))
    .catch(String);
  expect(said).toContain(`${market} can't take this price: price must be more than 0.`);
});

test("nobody has more triggers waiting than they may", async () => {
  const owner = newId();
  for (let count = 0; count < MAX_ACTIVE_TRIGGERS; count += 4) {
    await Promise.all(Array.from({ length: 4 }, async () => set(owner, { price: "900" })));
  }
  expect(await reason(set(owner, { price: "900" }))).toBe("TOO_MANY_TRIGGERS");
});

test("X3 a process whose books are another's says nothing of a trigger that has fired", async () => {
  const { id } = await set(maker, { price: "100000" });
  const epochs = await sql<{ epoch: number }>`select epoch from engine_shard`.execute(
    served.db.sql,
  );
  const { epoch } = epochs.rows[0]!;
  const said = transaction(served.db, async (tx) => {
    await sql`update price_trigger set state = 'FIRED', trade_id = 1 where id = ${id}`.execute(tx);
    const before = await endTrigger(tx, id, { reason: "MARKET_CLOSED", epoch: epoch - 1 });
    const now = await endTrigger(tx, id, { reason: undefined, epoch });
    await sql`update price_trigger set state = 'CANCELLED' where id = ${id}`.execute(tx);
    return [before, now?.state];
  });
  expect(await said).toEqual([undefined, "FIRED"]);
});
