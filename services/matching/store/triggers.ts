import { type RawBuilder, sql } from "kysely";
import type { Trigger, TriggerCondition, TriggerState } from "../domain/trigger.ts";
import type { Queries } from "./tables.ts";

/** A trigger to set, and the last trade before it. */
export type NewTrigger = Omit<
  Trigger,
  "state" | "tradeId" | "isOver" | "reason" | "createdMs" | "updatedMs"
>;

/**
 * Keeps others from looking at the trades of a market for triggers until the transaction ends, so
 * that a new trigger misses none of those that come after it.
 */
export async function lockTriggers(tx: Queries, market: string): Promise<void> {
  await sql`
    insert into trigger_progress (market, trade_id) values (${market}, 0)
    on conflict do nothing`.execute(tx);
  await sql`select 1 from trigger_progress where market = ${market} for update`.execute(tx);
}

/** Sets a trigger that trades after the given one set off; the market is locked. */
export async function insertTrigger(
  tx: Queries,
  trigger: NewTrigger,
  afterTrade: number,
): Promise<Trigger> {
  const { id, accountId, market, condition, price, newOrder, orderId } = trigger;
  // The first trigger of a market needs no look at what was traded before there was any.
  await sql`
    update trigger_progress set trade_id = greatest(trade_id, ${afterTrade})
    where market = ${market} and not exists (
      select 1 from price_trigger where market = ${market} and state = 'ACTIVE')`.execute(tx);
  const { rows } = await sql<TriggerRow>`
    insert into price_trigger (id, account_id, market, condition, price, new_order, order_id,
      after_trade)
    values (${id}, ${accountId}, ${market}, ${condition}, ${price}, ${Buffer.from(newOrder)},
      ${orderId}, ${afterTrade})
    returning *`.execute(tx);
  return fromRow(rows[0]!);
}

/** How many triggers of an account wait. */
export async function countActiveTriggers(db: Queries, accountId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from price_trigger
    where account_id = ${accountId} and state = 'ACTIVE'`.execute(db);
  return rows[0]!.count;
}

/** The trigger of an account with an id. */
export async function findTrigger(
  db: Queries,
  accountId: string,
  id: string,
): Promise<Trigger | undefined> {
  const [found] = await readTriggers(db, sql`where id = ${id} and account_id = ${accountId}`);
  return found;
}

/** Which triggers are listed; what is undefined does not matter. */
export type TriggerFilter = {
  readonly accountId: string;
  readonly market: string | undefined;
  readonly state: TriggerState | undefined;
};

/** Lists the triggers of an account, the newest first. */
export async function listTriggers(
  db: Queries,
  { accountId, market, state }: TriggerFilter,
  { before, limit }: { readonly before: string | undefined; readonly limit: number },
): Promise<Trigger[]> {
  return readTriggers(
    db,
    sql`where account_id = ${accountId}
      ${market === undefined ? sql`` : sql`and market = ${market}`}
      ${state === undefined ? sql`` : sql`and ${shownState} = ${state}::trigger_state`}
      ${before === undefined ? sql`` : sql`and id < ${before}`}
    order by id desc limit ${limit}`,
  );
}

/** Ends a trigger of an account that still waits; undefined when it does not, or is not there. */
export async function cancelTrigger(
  tx: Queries,
  accountId: string,
  id: string,
): Promise<Trigger | undefined> {
  const { rows } = await sql<TriggerRow>`
    update price_trigger set state = 'CANCELLED', is_over = true, updated_ms = now_ms()
    where id = ${id} and account_id = ${accountId} and state = 'ACTIVE'
    returning *`.execute(tx);
  return rows[0] && fromRow(rows[0]);
}

/** The triggers that have fired and whose orders nothing is known of, the oldest first. */
export async function readFired(db: Queries, limit: number): Promise<Trigger[]> {
  return readTriggers(db, sql`where state = 'FIRED' and not is_over order by id limit ${limit}`);
}

/**
 * Says what became of the order of a trigger that has fired: placed, or refused for a reason.
 * Undefined when that was said before, or the books are under another epoch, where it may be
 * otherwise (X3).
 */
export async function endTrigger(
  tx: Queries,
  id: string,
  { reason, epoch }: { readonly reason: string | undefined; readonly epoch: number },
): Promise<Trigger | undefined> {
  const { rows } = await sql<TriggerRow>`
    update price_trigger set is_over = true, updated_ms = now_ms(), reason = ${reason ?? ""},
      state = ${reason === undefined ? "FIRED" : "FAILED"}::trigger_state
    where id = ${id} and state = 'FIRED' and not is_over
      and exists (select from engine_shard where epoch = ${epoch})
    returning *`.execute(tx);
  return rows[0] && fromRow(rows[0]);
}

/** One that has fired is shown so once its order is placed (DESK-1). */
const shownState = sql`case when state = 'FIRED' and not is_over then 'ACTIVE' else state end`;

async function readTriggers(db: Queries, which: RawBuilder<unknown>): Promise<Trigger[]> {
  const { rows } = await sql<TriggerRow>`select * from price_trigger ${which}`.execute(db);
  return rows.map(fromRow);
}

type TriggerRow = {
  readonly id: string;
  readonly account_id: string;
  readonly market: string;
  readonly condition: TriggerCondition;
  readonly price: number;
  readonly new_order: Uint8Array;
  readonly order_id: string;
  readonly state: TriggerState;
  readonly trade_id: string | null;
  readonly is_over: boolean;
  readonly reason: string;
  readonly created_ms: string;
  readonly updated_ms: string;
};

function fromRow(row: TriggerRow): Trigger {
  return {
    id: row.id,
    accountId: row.account_id,
    market: row.market,
    condition: row.condition,
    price: row.price,
    newOrder: row.new_order,
    orderId: row.order_id,
    state: row.state,
    tradeId: row.trade_id === null ? undefined : Number(row.trade_id),
    isOver: row.is_over,
    reason: row.reason,
    createdMs: Number(row.created_ms),
    updatedMs: Number(row.updated_ms),
  };
}
